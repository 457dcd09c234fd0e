import type { ContainerEvent } from '../../compose/engine/monitor.js';

/** One line as Docker Compose prints it, without its own labels. */
export function composeEventLine(event: ContainerEvent, { json }: { readonly json: boolean }): string {
  const { id, service, action, message } = event;
  const attributes = Object.fromEntries(
    Object.entries(message.Actor.Attributes)
      .filter(([name]) => !name.startsWith('com.docker.compose.'))
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
  const microseconds = Math.floor(message.timeNano / 1000);
  const moment = new Date(Math.floor(microseconds / 1000));
  if (json) {
    const time = `${moment.toISOString().slice(0, 19)}.${digits(message.timeNano / 100, 7)}Z`;
    return `${JSON.stringify({ action, attributes, id, service, time, type: 'container' })}\n`;
  }
  const list = Object.entries(attributes).map(([name, value]) => `${name}=${value}`);
  return `${localText(moment)}.${digits(microseconds, 6)} container ${action} ${id} (${list.join(', ')})\n`;
}

/** The last digits of a count since the epoch: the fraction of its second. */
function digits(count: number, length: number): string {
  return String(Math.floor(count % 10 ** length)).padStart(length, '0');
}

function localText(moment: Date): string {
  const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19).replace('T', ' ');
}

import { matches, newId } from './form.js';
import { checkLaunch, launch } from './launching.js';
import { parseForm, textAt, textsAt, type Xml } from './query.js';
import { Refusal } from './refusal.js';
import type { Form, Region } from './region.js';
import type { TestInstance } from './resources.js';
import { begin, giveAddress, instanceXml, poll } from './time.js';

export function describeInstances(region: Region, form: Form): Xml {
  const ids = textsAt(form, 'InstanceId');
  const asked =
    ids.length > 0 ? ids.map((id) => instanceOrRefuse(region, id)) : [...region.instances.values()];
  for (const instance of asked) poll(region, instance);
  const found = asked.filter(
    (instance) =>
      instance.hidden === 0 &&
      matches(
        form,
        { 'instance.group-id': instance.groupIds, 'instance-state-name': instance.state },
        instance.tags,
      ),
  );
  return {
    reservationSet: found.map((instance) => ({
      reservationId: newId('r'),
      instancesSet: [instanceXml(instance)],
    })),
  };
}

export function changeState(region: Region, form: Form, verb: 'start' | 'stop' | 'terminate'): Xml {
  const instances = textsAt(form, 'InstanceId').map((id) => instanceOrRefuse(region, id));
  for (const instance of instances) {
    if (verb === 'start') start(region, instance);
    else if (verb === 'stop') stop(region, instance, textAt(form, 'Force') === 'true');
    else terminate(region, instance);
  }
  return {
    instancesSet: instances.map(({ id, state }) => ({
      instanceId: id,
      currentState: { code: 0, name: state },
    })),
  };
}

export function start(region: Region, instance: TestInstance): void {
  if (instance.state === 'running' || instance.state === 'pending') return;
  expectState(instance, ['stopped']);
  instance.state = 'pending';
  setSpotState(region, instance, 'active');
  begin(
    region,
    instance,
    'running',
    region.guests?.start(instance.id).then((address) => giveAddress(region, instance, address)),
  );
  if (!region.guests) giveAddress(region, instance);
}

export function stop(region: Region, instance: TestInstance, force: boolean): void {
  if (instance.state === 'stopped') return;
  expectState(instance, ['running', 'stopping']);
  const spot = region.spotRequests.get(instance.spotRequestId ?? '');
  if (spot && !spot.persistent) {
    throw new Refusal(
      'UnsupportedOperation',
      `You can't stop the Spot Instance '${instance.id}' because it is associated with a one-time Spot Instance request.`,
    );
  }
  instance.state = 'stopping';
  instance.publicAddress = undefined;
  setSpotState(region, instance, 'disabled');
  begin(region, instance, 'stopped', region.guests?.stop(instance.id, force));
}

export function terminate(region: Region, instance: TestInstance): void {
  if (instance.state === 'terminated' || instance.state === 'shutting-down') return;
  instance.state = 'shutting-down';
  instance.publicAddress = undefined;
  begin(region, instance, 'terminated', region.guests?.remove(instance.id));
  const spot = region.spotRequests.get(instance.spotRequestId ?? '');
  if (spot?.persistent && (spot.state === 'active' || spot.state === 'disabled')) {
    // What is forgotten to be cancelled makes another instance.
    const form = parseForm(spot.request);
    launch(region, checkLaunch(region, form), form, spot.request, spot);
  }
}

export async function reboot(region: Region, form: Form): Promise<Xml> {
  for (const id of textsAt(form, 'InstanceId')) {
    const instance = instanceOrRefuse(region, id);
    expectState(instance, ['running']);
    void region.guests?.reboot(instance.id);
  }
  return { return: true };
}

export function setSpotState(region: Region, instance: TestInstance, state: 'active' | 'disabled'): void {
  const request = region.spotRequests.get(instance.spotRequestId ?? '');
  if (request && request.state !== 'cancelled') request.state = state;
}

export function instanceOrRefuse(region: Region, id: string): TestInstance {
  const found = region.instances.get(id);
  if (!/^i-[0-9a-f]+$/.test(id)) throw new Refusal('InvalidInstanceID.Malformed', `Invalid id: "${id}"`);
  if (found && found.hidden === 0) return found;
  if (found) found.hidden -= 1;
  throw new Refusal('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
}

export function expectState(instance: TestInstance, states: readonly string[]): void {
  if (states.includes(instance.state)) return;
  throw new Refusal(
    'IncorrectInstanceState',
    `The instance '${instance.id}' is not in a state from which it can be changed: ${instance.state}`,
  );
}

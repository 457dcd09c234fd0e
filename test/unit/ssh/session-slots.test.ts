import { SessionSlots } from '../../../src/ssh/session-slots.js';

const { signal } = new AbortController();

describe('SessionSlots', () => {
  it('gives ten slots, and the next one when one is freed', async () => {
    const slots = new SessionSlots();
    const taken = await Promise.all(Array.from({ length: 10 }, () => slots.take(signal)));
    const order: string[] = [];
    const waiting = [
      slots.take(signal).then(() => order.push('a')),
      slots.take(signal).then(() => order.push('b')),
    ];

    taken[0]?.free();
    await waiting[0];
    expect(order).toEqual(['a']);

    taken[1]?.free();
    await waiting[1];
    expect(order).toEqual(['a', 'b']);
  });

  it('gives a waiter up when its signal is aborted', async () => {
    const slots = new SessionSlots();
    const first = await Promise.all(Array.from({ length: 10 }, () => slots.take(signal)));
    const abort = new AbortController();
    const waiting = slots.take(abort.signal);

    abort.abort(new Error('enough'));

    await expect(waiting).rejects.toThrow('enough');
    first[0]?.free();
    await expect(slots.take(signal)).resolves.toBeDefined();
  });

  it('allows fewer at once after a refusal', async () => {
    const slots = new SessionSlots();
    const [first, second] = [await slots.take(signal), await slots.take(signal)];
    first.opened();

    expect(second.refused()).toBe('fewer');

    let got = false;
    const next = slots.take(signal).then(() => {
      got = true;
    });
    await Promise.resolve();
    expect(got).toBe(false);
    first.free();
    await next;
  });

  it('says "never" when the server refuses the only session', async () => {
    const slots = new SessionSlots();

    expect((await slots.take(signal)).refused()).toBe('never');
  });

  it('says "later" below a number that the server has allowed', async () => {
    const slots = new SessionSlots();
    const two = [await slots.take(signal), await slots.take(signal)];
    for (const slot of two) slot.opened();
    for (const slot of two) slot.free();

    expect((await slots.take(signal)).refused()).toBe('later');

    const again = await Promise.all(Array.from({ length: 10 }, () => slots.take(signal)));
    expect(again).toHaveLength(10);
  });
});

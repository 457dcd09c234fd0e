import * as errors from '../../../../src/agent/engine/errors.js';
import { bindSourceMissing } from '../../../../src/agent/engine/mount-errors.js';

const id = 'f'.repeat(64);

test.each([
  [errors.noSuchContainer('web'), 'not-found', 'No such container: web'],
  [errors.noSuchExec('e1'), 'not-found', 'No such exec instance: e1'],
  [errors.noSuchNetwork('lan'), 'not-found', 'network lan not found'],
  [
    errors.nameInUse('web', id),
    'already-exists',
    `Conflict. The container name "/web" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`,
  ],
  [
    errors.invalidContainerName('a b'),
    'invalid-argument',
    'Invalid container name (a b), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed',
  ],
  [errors.alreadyStarted(), 'not-modified', 'container is already started'],
  [errors.alreadyStopped(), 'not-modified', 'container is already stopped'],
  [errors.startPaused(), 'conflict', 'cannot start a paused container, try unpause instead'],
  [errors.notRunning(id), 'conflict', `container ${id} is not running`],
  [errors.cannotKill('web', id), 'conflict', `cannot kill container: web: container ${id} is not running`],
  [errors.execPaused(id), 'conflict', `Container ${id} is paused, unpause the container before exec`],
  [
    errors.removeRunning('web', 'running'),
    'conflict',
    'cannot remove container "/web": container is running: stop the container before removing or force remove',
  ],
  [errors.removalInProgress('web'), 'conflict', 'removal of container web is already in progress'],
  [errors.invalidSignal('FOO'), 'invalid-argument', 'invalid signal: FOO'],
  [errors.noStreams(), 'invalid-argument', 'Bad parameters: you must choose at least one stream'],
  [
    bindSourceMissing('/x'),
    'invalid-argument',
    'invalid mount config for type "bind": bind source path does not exist: /x',
  ],
  [errors.volumeInUse('v', [id]), 'conflict', `remove v: volume is in use - [${id}]`],
  [
    errors.predefinedNetwork('bridge'),
    'permission-denied',
    'bridge is a pre-defined network and cannot be removed',
  ],
  [errors.invalidFilter('foo'), 'invalid-argument', "invalid filter 'foo'"],
])('the error "%s" is of its kind and in the words of Docker', (error, kind, message) => {
  expect([error.kind, error.message]).toEqual([kind, message]);
});

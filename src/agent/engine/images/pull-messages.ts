import type { ProgressMessage } from '../../../api/progress.js';
import type { Puller, PullRequest, Pusher, PushRequest } from '../../registry/puller.js';
import { messagesOf } from '../messages.js';

/** The puller's calls as a sequence. A client that goes away cancels the pull through the request's signal. */
export function pullMessages(
  puller: Puller,
  request: Omit<PullRequest, 'progress'>,
): AsyncGenerator<ProgressMessage> {
  return messagesOf((emit) => puller.pull({ ...request, progress: (message) => void emit(message) }));
}

/** The same of a push. */
export function pushMessages(
  pusher: Pusher,
  request: Omit<PushRequest, 'progress'>,
): AsyncGenerator<ProgressMessage> {
  return messagesOf((emit) => pusher.push({ ...request, progress: (message) => void emit(message) }));
}

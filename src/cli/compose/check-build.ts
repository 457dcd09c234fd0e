import type { EngineClient } from '../../api/client/engine-client.js';
import { answerStatus, answerText } from '../docker/build/call/answer-text.js';
import { parseCall } from '../docker/build/call/parse-call.js';
import { buildKitMissing } from '../docker/build/errors.js';
import { findBuildKit, isOff } from '../docker/build/find-buildkit.js';
import { askSessionBuild, type BuildSurroundings } from '../docker/build/session/run-session-build.js';
import { forEachImage } from './for-each-image.js';
import type { OpenProject } from './project-command.js';
import type { ServiceBuild } from './service-build.js';
import { sessionRequest } from './session-build.js';

type Surroundings = Omit<BuildSurroundings, 'watch' | 'excerpt' | 'stdout'>;

export interface BuildCheck {
  readonly service: string;
  readonly text: string;
  readonly status: number;
}

/** Of all services that are built, in the order of their names. Throws BUILDKIT_NEEDED. */
export async function checkBuilds(
  open: OpenProject,
  rest: Pick<ServiceBuild, 'choice' | 'logins'>,
  surroundings: Surroundings,
): Promise<readonly BuildCheck[]> {
  const { whole: project, signal } = open;
  const checks: BuildCheck[] = [];
  await forEachImage(
    open,
    (service) => service.build !== undefined,
    async (client, image, service) => {
      if (!service.build) return;
      const build = { project, service, build: service.build, image, ...rest, isOff: false };
      checks.push(await checkBuild(client, build, surroundings, signal));
    },
  );
  return checks.sort((a, b) => (a.service < b.service ? -1 : 1));
}

/** Docker's checks of the Dockerfile that a service's image is made of; nothing is built. */
async function checkBuild(
  client: EngineClient,
  build: ServiceBuild,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<BuildCheck> {
  const environment = { ...surroundings.environment, ...build.project.environment };
  using buildKit = await findBuildKit(client, surroundings.environment, signal);
  if (!buildKit) throw buildKitMissing('--check', isOff(surroundings.environment));
  const call = parseCall({ check: true });
  if (!call) throw new Error('--check asks for nothing');
  let excerpt = '';
  const around = {
    ...{ ...surroundings, environment, stdout: process.stdout, watch() {} },
    excerpt: (text: string) => {
      excerpt += text;
    },
  };
  const answer = await askSessionBuild(
    { client, buildKit },
    call.question,
    sessionRequest(build),
    around,
    signal,
  );
  const service = build.service.name;
  return { service, text: `${excerpt}${answerText(call, answer)}`, status: answerStatus(call, answer) };
}

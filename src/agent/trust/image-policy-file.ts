import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomically } from '../../shared/atomic-file.js';
import { errorMessage, systemErrorCode } from '../../shared/errors.js';
import { decodePolicy } from './decode-policy.js';
import { imageNotTrusted, imagePolicyInvalid } from './errors.js';
import { type ImagePolicy, type Requirements, requirementsFor, type Transport } from './image-policy.js';

/**
 * The policy file of this host, read each time, so that a change holds at once. Without a file everything is let in;
 * with one that cannot be read nothing is.
 */
export class ImagePolicyFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Throws IMAGE_POLICY_INVALID; IMAGE_NOT_TRUSTED when `image` is rejected whatever its signatures. */
  async requirements(transport: Transport, scopes: readonly string[], image: string): Promise<Requirements> {
    const policy = await this.#read();
    if (!policy) return [];
    const requirements = requirementsFor(policy, transport, scopes);
    if (requirements.some(({ type }) => type === 'reject')) {
      throw imageNotTrusted(image, 'it rejects all images that come from there');
    }
    return requirements;
  }

  /** For what comes without signatures. Throws IMAGE_NOT_TRUSTED, IMAGE_POLICY_INVALID. */
  async admitUnsigned(transport: Transport, image: string): Promise<void> {
    const requirements = await this.requirements(transport, [], image);
    if (requirements.some(({ type }) => type === 'sigstoreSigned')) {
      throw imageNotTrusted(image, 'it needs a signature, which an archive does not have');
    }
  }

  /** Its text; undefined when there is none. */
  async text(): Promise<string | undefined> {
    return await readFile(this.#path, 'utf8').catch((error): undefined => {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
    });
  }

  /** Throws IMAGE_POLICY_INVALID, and leaves the old one. */
  async replace(text: string | undefined): Promise<void> {
    if (text === undefined) {
      await rm(this.#path, { force: true });
      return;
    }
    await this.#decode(text);
    await mkdir(dirname(this.#path), { recursive: true });
    await writeFileAtomically(this.#path, text, 0o644);
  }

  async #read(): Promise<ImagePolicy | undefined> {
    const text = await this.text().catch((error) => {
      throw imagePolicyInvalid(this.#path, errorMessage(error), error);
    });
    return text === undefined ? undefined : await this.#decode(text);
  }

  async #decode(text: string): Promise<ImagePolicy> {
    return await decodePolicy(text).catch((error) => {
      throw imagePolicyInvalid(this.#path, errorMessage(error), error);
    });
  }
}

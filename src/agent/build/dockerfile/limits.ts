/** A Dockerfile is held in memory several times over. */
export const largestDockerfile = 2 * 1024 * 1024;
/** More than any chain of layers that overlayfs mounts, with room for steps that make no layer. */
export const mostInstructions = 5_000;

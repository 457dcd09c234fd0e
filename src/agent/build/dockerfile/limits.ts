/** A Dockerfile is held in memory several times over. */
export const largestDockerfile = 2 * 1024 * 1024;
/** What variables may add to one word: no program takes a longer argument (execve(2): 128 KiB). */
export const largestExpansion = 1024 * 1024;
/** Of a value that a pattern is looked for in, which takes time that grows with its square. */
export const largestCut = 4 * 1024;
/** Of "${a:-${b:-…}}". */
export const deepestNesting = 100;
/** More than any chain of layers that overlayfs mounts, with room for steps that make no layer. */
export const mostInstructions = 5_000;

/**
 * The agent's own end point for which images are let in:
 *
 *     GET /tsmachine/image-policy     ImagePolicyText
 *     PUT /tsmachine/image-policy     ImagePolicyText
 */
export interface ImagePolicyText {
  /** A policy of containers-policy.json(5); null for none: everything is let in. */
  readonly Policy: string | null;
}

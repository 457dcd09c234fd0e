export interface LayerLimits {
  readonly entries: number;
  /** Of directories and whiteouts, which are remembered: about 200 bytes each. */
  readonly names: number;
}

/** Far more than any image has that people made. */
export const layerLimits: LayerLimits = { entries: 5_000_000, names: 500_000 };

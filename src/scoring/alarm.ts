/** An alarm: a sign that a campaign learns the wrong thing, or from too few rollouts. */
export interface Alarm {
  readonly kind: AlarmKind;
  readonly iteration: number;
  readonly message: string;
}

export type AlarmKind =
  | 'polarised-prior'
  | 'one-sided-auto'
  | 'arm-violations'
  | 'infrastructure'
  | 'undecided'
  | 'targets-against-estimate'
  | 'importance-ratio'
  | 'clip-fraction'
  | 'capability-lost'
  | 'auto-below-oracle';

/** `5.2 %`, `36 %` */
export const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;

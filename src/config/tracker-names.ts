/** Experiment trackers that a campaign can report to. */
export const TRACKER_NAMES = ['trackio', 'wandb', 'tensorboard', 'mlflow'] as const;
export type TrackerName = (typeof TRACKER_NAMES)[number];

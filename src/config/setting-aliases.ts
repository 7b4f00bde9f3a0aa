/** The field's names of settings, and the settings that they mean. */
export const SETTING_ALIASES: Readonly<Record<string, string>> = {
  alpha: 'strategy.alpha',
  k: 'sampling.samplesPerArm',
  strategy: 'strategy.name',
  lambda: 'train.decisionWeight',
  lr: 'train.optimizer.learningRate',
};

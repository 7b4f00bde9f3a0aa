/** A request that the model can't serve, on any engine. It is refused before any work starts. */
export class SamplerRequestError extends Error {
  override readonly name = 'SamplerRequestError';
}

/** An inference thread died or the sampler was closed: nothing is known about the call's rollouts; ask a new sampler. */
export class SamplerCrashError extends Error {
  override readonly name = 'SamplerCrashError';
}

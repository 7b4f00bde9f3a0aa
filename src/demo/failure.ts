/** The demo failed in an expected way; users see only the message. */
export class DemoFailure extends Error {
  override readonly name = 'DemoFailure';
}

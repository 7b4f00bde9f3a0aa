/** The demo can't show what it is for; the message is all that a user needs. */
export class DemoFailure extends Error {
  override readonly name = 'DemoFailure';
}

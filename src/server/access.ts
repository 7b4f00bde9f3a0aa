/** Who may use this server: programs that know the token, and browsers that opened a one-time link. */
import { createHash, randomBytes } from 'node:crypto';
import { clientProof, equalSecrets, type Meeting, serverProof } from '../process/mutual-proof.ts';
import type { Session, SessionStore } from './session-file.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The last use of a session is saved this often. */
const SAVE_USE_MS = 5 * MINUTE_MS;
const LINK_LIFETIME_MS = 10 * MINUTE_MS;
/** A session ends after this time without a request. */
const IDLE_LIMIT_MS = 24 * HOUR_MS;
/** A session ends this long after it began. */
export const SESSION_LIFETIME_MS = 7 * 24 * HOUR_MS;

export interface AccessOptions {
  /** Reads the token at every use, so that a new one is in force at once; undefined where there is none. */
  readonly readToken: () => Promise<string | undefined>;
  /** `host:port` that programs dial. */
  readonly address: () => string;
  readonly store: SessionStore;
  readonly nowMs?: () => number;
}

/** Links are in memory: a restart of the server ends them. */
export class Access {
  readonly #options: AccessOptions;
  readonly #instance = randomBytes(16).toString('hex');
  readonly #links = new Map<string, { readonly token: string; readonly expiresMs: number }>();
  readonly #sessions: Map<string, Session>;

  constructor(options: AccessOptions) {
    this.#options = options;
    this.#sessions = options.store.sessions;
  }

  /** Proves to a client that this server knows the token. Undefined without a token. */
  async prove(nonce: string): Promise<{ readonly instance: string; readonly proof: string } | undefined> {
    const meeting = await this.#meeting();
    return meeting === undefined ? undefined : { instance: meeting.instance, proof: serverProof(meeting, nonce) };
  }

  async isToken(given: string): Promise<boolean> {
    const token = await this.#options.readToken();
    return token !== undefined && equalSecrets(given, token);
  }

  /** Whether a client proves that it knows the token. */
  async isClientProof(given: string): Promise<boolean> {
    const meeting = await this.#meeting();
    return meeting !== undefined && equalSecrets(given, clientProof(meeting));
  }

  /** A code for `/open/<code>`: valid once, for ten minutes. */
  async createLink(): Promise<string> {
    const token = await this.#options.readToken();
    const nowMs = this.#nowMs();
    for (const [code, { expiresMs }] of this.#links) if (expiresMs <= nowMs) this.#links.delete(code);
    const code = randomBytes(18).toString('base64url');
    if (token !== undefined) this.#links.set(code, { token, expiresMs: nowMs + LINK_LIFETIME_MS });
    return code;
  }

  /** Whether the code can be redeemed. */
  async isLink(code: string): Promise<boolean> {
    const link = this.#links.get(code);
    return link !== undefined && link.expiresMs > this.#nowMs() && link.token === (await this.#options.readToken());
  }

  /** Begins a session. Returns the cookie's value, or undefined if the code is unknown, used or too old. */
  async redeemLink(code: string): Promise<string | undefined> {
    const link = this.#links.get(code);
    const isValid = await this.isLink(code);
    // Of two at once, the first to delete it has it.
    if (!this.#links.delete(code) || link === undefined || !isValid) return undefined;
    const nowMs = this.#nowMs();
    for (const [key, session] of this.#sessions) if (!isCurrent(session, nowMs)) this.#sessions.delete(key);
    const cookie = randomBytes(32).toString('base64url');
    this.#sessions.set(digestOf(cookie), { tokenDigest: digestOf(link.token), beganMs: nowMs, usedMs: nowMs });
    await this.#options.store.save();
    return cookie;
  }

  /** Whether the cookie is of a session; asking counts as its use. */
  async isSession(cookie: string): Promise<boolean> {
    const session = this.#sessions.get(digestOf(cookie));
    const nowMs = this.#nowMs();
    if (session === undefined || !isCurrent(session, nowMs)) return false;
    const token = await this.#options.readToken();
    if (token === undefined || session.tokenDigest !== digestOf(token)) return false;
    if (nowMs - session.usedMs >= SAVE_USE_MS) {
      session.usedMs = nowMs;
      await this.#options.store.save();
    }
    return true;
  }

  async endSession(cookie: string): Promise<void> {
    if (this.#sessions.delete(digestOf(cookie))) await this.#options.store.save();
  }

  async #meeting(): Promise<Meeting | undefined> {
    const token = await this.#options.readToken();
    return token === undefined ? undefined : { token, address: this.#options.address(), instance: this.#instance };
  }

  #nowMs(): number {
    return this.#options.nowMs?.() ?? Date.now();
  }
}

const isCurrent = ({ beganMs, usedMs }: Session, nowMs: number): boolean =>
  nowMs - usedMs < IDLE_LIMIT_MS && nowMs - beganMs < SESSION_LIFETIME_MS;

/** A lookup by digest takes no longer for a cookie that is nearly right, and a file of digests holds no secret. */
const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('base64');

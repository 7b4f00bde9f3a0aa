/** A part of a live page that is replaced as a whole when it changes. */
import { createHash } from 'node:crypto';
import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';

export interface SectionContent {
  readonly id: string;
  /** Heading; optional. */
  readonly title?: string;
  readonly className?: string;
  readonly body: Child;
}

export interface RenderedSection {
  readonly id: string;
  /** Digest of the content: the browser replaces a section only if its digest differs. */
  readonly hash: string;
  readonly html: string;
}

export async function renderSection({ id, title, className, body }: SectionContent): Promise<RenderedSection> {
  const inner = String(
    await (
      <>
        {title === undefined ? null : <h2 id={`${id}-title`}>{title}</h2>}
        {body}
      </>
    ),
  );
  const hash = createHash('sha256').update(inner).digest('base64url').slice(0, 12);
  const labelledBy = title === undefined ? undefined : `${id}-title`;
  const section = (
    <section id={id} data-hash={hash} class={className ?? 'panel'} aria-labelledby={labelledBy}>
      {/* Rendered just above, where everything was escaped. */}
      {raw(inner)}
    </section>
  );
  return { id, hash, html: String(await section) };
}

/** Puts rendered sections into a page. */
export function Sections({ sections }: { readonly sections: readonly RenderedSection[] }) {
  return <div class="sections">{sections.map((item) => raw(item.html))}</div>;
}

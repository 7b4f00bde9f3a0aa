import type { Child } from 'hono/jsx';
import { Layout } from './layout.tsx';

/** A page with one notice, for readers with or without a session. */
export function NoticePage({ title, children }: { readonly title: string; readonly children?: Child }) {
  return (
    <Layout title={title} isOutside>
      <section class="notice">
        <h1>{title}</h1>
        {children}
      </section>
    </Layout>
  );
}

import { Layout } from './layout.tsx';

export function ErrorPage({ code, message }: { readonly code: string; readonly message: string }) {
  return (
    <Layout title="Not available">
      <section class="notice">
        <h1>{code === 'unauthorized' ? 'Open the link first' : code.replace('-', ' ')}</h1>
        <p>{message}</p>
      </section>
    </Layout>
  );
}

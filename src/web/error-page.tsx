import { NoticePage } from './notice-page.tsx';

export function ErrorPage({ code, message }: { readonly code: string; readonly message: string }) {
  return (
    <NoticePage title={code === 'unauthorized' ? 'Open the link first' : code.replace('-', ' ')}>
      <p>{message}</p>
    </NoticePage>
  );
}

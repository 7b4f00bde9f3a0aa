/** The frame of every page. */
import type { Child } from 'hono/jsx';
import { CHECKPOINTS_ADDRESS, NEW_ADDRESS } from './addresses.ts';

export interface LayoutProps {
  readonly title: string;
  /** Address of the event stream that keeps the page's sections up to date; absent on static pages. */
  readonly events?: string;
  /** The page loads itself again after this time. */
  readonly refreshSeconds?: number;
  /** The reader may have no session: a page to open or after it is closed, or an error. */
  readonly isOutside?: boolean;
  readonly children?: Child;
}

export function Layout({ title, events, refreshSeconds, isOutside = false, children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        {refreshSeconds === undefined ? null : <meta http-equiv="refresh" content={`${refreshSeconds}`} />}
        <title>{`${title} · Whencode`}</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/page.css" />
        <link rel="stylesheet" href="/assets/decisions.css" />
        <link rel="stylesheet" href="/assets/forms.css" />
        <link rel="stylesheet" href="/assets/uPlot.min.css" />
        <link rel="stylesheet" href="/assets/charts.css" />
        <script src="/assets/live.js" defer></script>
        <script src="/assets/charts.js" type="module"></script>
        <script src="/assets/forms.js" type="module"></script>
      </head>
      <body data-events={events}>
        <a class="skip" href="#main">
          Skip to content
        </a>
        <header class="bar">
          <a class="brand" href="/">
            <img src="/assets/icon.svg" alt="" width="20" height="20" /> Whencode
          </a>
          <nav aria-label="Pages">
            <a href="/">Campaigns</a>
            <a href="/compare">Compare</a>
            <a href={CHECKPOINTS_ADDRESS}>Checkpoints</a>
            <a href={NEW_ADDRESS}>New run</a>
          </nav>
          <span id="connection" class="connection" role="status"></span>
          {isOutside ? null : (
            <form method="post" action="/logout">
              <button type="submit">Sign out</button>
            </form>
          )}
        </header>
        <main id="main">{children}</main>
      </body>
    </html>
  );
}

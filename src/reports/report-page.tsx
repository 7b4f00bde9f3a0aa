/** A report as one HTML page without scripts and without anything from another host. */
import { raw } from 'hono/html';
import type { Block, Cell } from './blocks.ts';
import { ChartSvg } from './chart-svg.tsx';

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; font-variant-numeric: tabular-nums; }
th, td { border: 1px solid #ccc; padding: .2rem .5rem; text-align: left; white-space: nowrap; }
th { background: #f3f3f3; } tr:target { background: #fff3c4; } td a { color: inherit; }
pre { background: #f3f3f3; padding: .6rem; overflow-x: auto; }
figure { display: inline-block; margin: .5rem 1rem .5rem 0; }`;

/** The whole file. */
export async function reportPage(blocks: readonly Block[]): Promise<string> {
  const title = blocks.find((block) => block.kind === 'heading')?.text ?? 'Report';
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>{title}</title>
        <style>{raw(STYLE)}</style>
      </head>
      <body>
        {blocks.map((block) => (
          <BlockOf block={block} />
        ))}
      </body>
    </html>
  );
  return `<!doctype html>\n${await page.toString()}\n`;
}

function BlockOf({ block }: { readonly block: Block }) {
  switch (block.kind) {
    case 'heading':
      return block.level === 1 ? (
        <h1>{block.text}</h1>
      ) : block.level === 2 ? (
        <h2>{block.text}</h2>
      ) : (
        <h3>{block.text}</h3>
      );
    case 'paragraph':
      return <p>{block.text}</p>;
    case 'command':
      return (
        <pre>
          <code>{block.text}</code>
        </pre>
      );
    case 'chart':
      return (
        <figure>
          <ChartSvg {...block.chart} />
        </figure>
      );
    case 'folded':
      return (
        <details>
          <summary>{block.summary}</summary>
          <pre>{block.text}</pre>
        </details>
      );
    case 'table':
      return (
        <table>
          <thead>
            <tr>
              {block.head.map((text) => (
                <th>{text}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {block.rows.map(({ id, cells }) => (
              <tr id={id}>
                {cells.map((cell) => (
                  <td>
                    <CellOf cell={cell} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      );
  }
}

function CellOf({ cell }: { readonly cell: Cell }) {
  if (typeof cell === 'string') return <>{cell}</>;
  return <>{cell.map(({ text, to }) => (to === undefined ? text : <a href={`#${to}`}>{text}</a>))}</>;
}

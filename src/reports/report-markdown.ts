/** A report as Markdown; its charts are files beside it. */
import type { Block, Cell } from './blocks.ts';

/** The folder of the charts, beside the file. */
export const CHARTS_FOLDER = 'charts';

export const reportMarkdown = (blocks: readonly Block[]): string => `${blocks.map(markdownOf).join('\n\n')}\n`;

function markdownOf(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${inOneLine(block.text)}`;
    case 'paragraph':
      return block.text;
    case 'command':
      return `\`\`\`bash\n${block.text}\n\`\`\``;
    case 'chart':
      return `![${inOneLine(block.chart.title)}](${CHARTS_FOLDER}/${block.file}.svg)`;
    case 'folded':
      return `<details>\n<summary>${inOneLine(block.summary)}</summary>\n\n\`\`\`yaml\n${block.text.trimEnd()}\n\`\`\`\n\n</details>`;
    case 'table':
      return [block.head, block.head.map(() => '---'), ...block.rows.map(({ cells }) => cells)]
        .map((cells) => `| ${cells.map(cellText).join(' | ')} |`)
        .join('\n');
  }
}

const cellText = (cell: Cell): string =>
  inOneLine(typeof cell === 'string' ? cell : cell.map(({ text }) => text).join(''));

const inOneLine = (text: string): string => text.replace(/[|<\\]/g, '\\$&').replace(/\s+/g, ' ');

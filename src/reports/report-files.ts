/** The files of a report. Equal reports give equal bytes. */
import { reportBlocks } from './blocks.ts';
import { ChartSvg } from './chart-svg.tsx';
import type { Report } from './report.ts';
import { CHARTS_FOLDER, reportMarkdown } from './report-markdown.ts';
import { reportPage } from './report-page.tsx';

/** The figures that the other files show. */
export const DATA_FILE = 'report.json';
export const PAGE_FILE = 'index.html';

/** Text by path inside the report's folder. */
export async function reportFiles(report: Report): Promise<ReadonlyMap<string, string>> {
  const blocks = reportBlocks(report);
  const files = new Map([
    [DATA_FILE, `${JSON.stringify(report, null, 1)}\n`],
    [PAGE_FILE, await reportPage(blocks)],
    ['report.md', reportMarkdown(blocks)],
  ]);
  for (const block of blocks)
    if (block.kind === 'chart')
      files.set(`${CHARTS_FOLDER}/${block.file}.svg`, `${await ChartSvg(block.chart).toString()}\n`);
  return files;
}

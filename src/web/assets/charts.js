// Draws the charts from the numbers that the page holds. Without it the numbers are shown as tables.
import uPlot from './uPlot.esm.js';

const HEIGHT = 240;
const DASHES = { dashed: [6, 4], dotted: [2, 3] };
const FORMATS = {
  share: (value) => (value == null ? '–' : `${(value * 100).toFixed(1)} %`),
  number: (value) => (value == null ? '–' : Number(value.toPrecision(4)).toString()),
};

/** What is drawn: figure → plot. */
const plots = new Map();
/** What the reader chose, by id of the figure, so that it stays when the section is replaced. */
const choices = new Map();

function choiceOf(figure) {
  const choice = choices.get(figure.id) ?? { isLog: false, hidden: new Set(), zoom: undefined };
  choices.set(figure.id, choice);
  return choice;
}

function draw(figure) {
  const data = JSON.parse(figure.dataset.chart);
  const place = figure.querySelector('.plot');
  plots.get(figure)?.destroy();
  place.replaceChildren();
  if (data.x.length === 0) return;
  const choice = choiceOf(figure);
  const style = getComputedStyle(figure);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const format = FORMATS[data.unit];

  const series = [{ label: data.xName, value: (_, x) => (x == null ? '–' : nameOf(x, data)) }];
  const columns = [data.x];
  const bands = [];
  for (const line of data.lines) {
    const hue = colour(line.hue);
    const show = !choice.hidden.has(line.name);
    if (line.low !== undefined) {
      const bound = { show, class: 'bound', label: `${line.name} interval`, width: 0, points: { show: false } };
      columns.push(line.high, line.low);
      series.push({ ...bound, of: line.name }, { ...bound, of: line.name });
      bands.push({
        series: [series.length - 2, series.length - 1],
        fill: `color-mix(in srgb, ${hue} 14%, transparent)`,
      });
    }
    columns.push(line.values);
    series.push({
      label: line.name,
      show,
      stroke: hue,
      width: 2,
      dash: DASHES[line.dash],
      spanGaps: true,
      points: { show: data.x.length <= 60, size: 6, fill: hue },
      value: (_, value) => format(value),
    });
  }

  const axis = { stroke: colour('soft'), grid: { stroke: colour('hair'), width: 1 }, ticks: { show: false } };
  const font = `11px ${style.fontFamily}`;
  const [low, high] = choice.zoom ?? [];
  const plot = new uPlot(
    {
      width: Math.max(200, place.clientWidth),
      height: HEIGHT,
      series,
      bands,
      legend: { live: true },
      cursor: { drag: { x: true, y: false }, focus: { prox: 24 }, points: { size: 7 } },
      focus: { alpha: 0.5 },
      scales: {
        x: { time: false, ...(low === undefined ? {} : { min: low, max: high }) },
        y: { distr: choice.isLog ? 3 : 1 },
      },
      axes: [
        {
          ...axis,
          font,
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000],
          values: (_, xs) => xs.map((x) => nameOf(x, data)),
        },
        {
          ...axis,
          font,
          size: 56,
          values: (_, ys) =>
            ys.map((y) =>
              y === null
                ? ''
                : data.unit === 'share'
                  ? `${Number((y * 100).toFixed(1))} %`
                  : `${Number(y.toPrecision(4))}`,
            ),
        },
      ],
      hooks: {
        setSeries: [
          (self, index, options) => index !== null && options.show !== undefined && follow(self, index, choice),
        ],
        setScale: [(self, key) => key === 'x' && keepZoom(self, data, choice)],
        draw: [(self) => drawMarks(self, data.marks ?? [], colour('faint'))],
      },
    },
    columns,
    place,
  );
  plots.set(figure, plot);
  const wrap = place.querySelector('.u-wrap');
  wrap.setAttribute('role', 'img');
  wrap.setAttribute('aria-label', describe(figure, data, format));
  makeLegendKeys(place);
  place.append(toolsOf(figure, data, plot));
}

/** Iteration 0 is the start. */
const nameOf = (x, { xName }) => (xName === 'iteration' && x === 0 ? 'start' : Number.isInteger(x) ? String(x) : '');

/** The bounds of an interval follow their line, and the choice is kept. */
function follow(plot, index, choice) {
  const { label, show, class: kind } = plot.series[index];
  if (kind === 'bound') return;
  choice.hidden[show ? 'delete' : 'add'](label);
  for (const [at, other] of plot.series.entries())
    if (other.of === label && other.show !== show) plot.setSeries(at, { show });
}

function keepZoom(plot, { x }, choice) {
  const { min, max } = plot.scales.x;
  choice.zoom = min <= x[0] && max >= x.at(-1) ? undefined : [min, max];
}

function drawMarks(plot, marks, colour) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.font = `${10 * devicePixelRatio}px sans-serif`;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  let free = bbox.left;
  for (const { x, label } of marks) {
    const at = plot.valToPos(x, 'x', true);
    if (at < bbox.left || at > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(at, bbox.top);
    ctx.lineTo(at, bbox.top + bbox.height);
    ctx.stroke();
    if (at < free) continue;
    ctx.fillText(label, at + 3 * devicePixelRatio, bbox.top + 10 * devicePixelRatio);
    free = at + ctx.measureText(label).width + 8 * devicePixelRatio;
  }
  ctx.restore();
}

function describe(figure, data, format) {
  const ends = data.lines.map(({ name, values }) => {
    const known = values.filter((value) => value !== null);
    return `${name} from ${format(known[0])} to ${format(known.at(-1))}`;
  });
  return `${figure.querySelector('h3').textContent}: ${ends.join('; ')}`;
}

/** The entries of the legend show and hide their lines by keyboard too. */
function makeLegendKeys(place) {
  for (const [index, item] of [...place.querySelectorAll('.u-legend .u-series')].entries()) {
    const head = item.querySelector('th');
    if (index === 0 || item.classList.contains('bound')) continue;
    head.tabIndex = 0;
    head.title = 'show or hide';
    head.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      head.click();
    });
  }
}

function toolsOf(figure, data, plot) {
  const tools = document.createElement('div');
  tools.className = 'tools';
  const add = (text, title, press) => {
    const button = document.createElement('button');
    Object.assign(button, { type: 'button', textContent: text, title });
    button.addEventListener('click', () => press(button));
    tools.append(button);
    return button;
  };
  const choice = choiceOf(figure);
  const isPositive = data.lines.every(({ values }) => values.every((value) => value === null || value > 0));
  if (isPositive)
    add('Log', 'logarithmic axis', () => {
      choice.isLog = !choice.isLog;
      draw(figure);
      figure.querySelector('.tools button').focus();
    }).setAttribute('aria-pressed', String(choice.isLog));
  add('Reset', 'the whole range; drag in the chart to zoom', () =>
    plot.setScale('x', { min: data.x[0], max: data.x.at(-1) }),
  );
  add('CSV', 'download the numbers', () => save(new Blob([csvOf(data)], { type: 'text/csv' }), `${figure.id}.csv`));
  add('PNG', 'download the picture', () =>
    pictureOf(figure, data, plot).toBlob((blob) => save(blob, `${figure.id}.png`)),
  );
  return tools;
}

function csvOf({ x, xName, lines }) {
  const columns = lines.flatMap(({ name, values, low, high }) =>
    low === undefined
      ? [[name, values]]
      : [
          [name, values],
          [`${name} low`, low],
          [`${name} high`, high],
        ],
  );
  const quote = (text) => `"${text.replaceAll('"', '""')}"`;
  const rows = x.map((place, index) => [place, ...columns.map(([, values]) => values[index] ?? '')].join(','));
  return `${[[xName], ...columns].map(([name]) => quote(name)).join(',')}\n${rows.join('\n')}\n`;
}

/** The picture with title, names of the lines, and the background of the page. */
function pictureOf(figure, data, plot) {
  const ratio = devicePixelRatio;
  const source = plot.ctx.canvas;
  const head = 44 * ratio;
  const picture = document.createElement('canvas');
  Object.assign(picture, { width: source.width, height: source.height + head });
  const ctx = picture.getContext('2d');
  const style = getComputedStyle(figure);
  ctx.fillStyle = style.getPropertyValue('--panel');
  ctx.fillRect(0, 0, picture.width, picture.height);
  ctx.fillStyle = style.getPropertyValue('--ink');
  ctx.font = `600 ${13 * ratio}px sans-serif`;
  ctx.fillText(figure.querySelector('h3').textContent, 8 * ratio, 18 * ratio);
  ctx.font = `${11 * ratio}px sans-serif`;
  let left = 8 * ratio;
  for (const { name, hue } of data.lines) {
    ctx.fillStyle = style.getPropertyValue(`--${hue}`);
    ctx.fillText(`● ${name}`, left, 36 * ratio);
    left += ctx.measureText(`● ${name}`).width + 14 * ratio;
  }
  ctx.drawImage(source, 0, head);
  return picture;
}

function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function drawNew() {
  for (const [figure, plot] of plots) {
    if (figure.isConnected) continue;
    plot.destroy();
    plots.delete(figure);
  }
  for (const figure of document.querySelectorAll('figure[data-chart]')) {
    if (plots.has(figure)) continue;
    figure.querySelector('.numbers').open = choiceOf(figure).isOpen === true;
    figure.querySelector('.numbers').addEventListener('toggle', (event) => {
      choiceOf(figure).isOpen = event.target.open;
    });
    draw(figure);
    sizes.observe(figure.querySelector('.plot'));
  }
}

const sizes = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    const plot = plots.get(target.closest('figure'));
    if (plot !== undefined && contentRect.width > 0 && Math.abs(plot.width - contentRect.width) > 1)
      plot.setSize({ width: contentRect.width, height: HEIGHT });
  }
});

drawNew();
new MutationObserver(drawNew).observe(document.getElementById('main'), { childList: true, subtree: true });
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const figure of plots.keys()) draw(figure);
});

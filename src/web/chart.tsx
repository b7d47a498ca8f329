import { BarChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Category } from '../kernel/codes.js';
import { number } from './format.js';
import type { T } from './words.js';

use([BarChart, GridComponent, SVGRenderer]);

/** The colours of the bars on paper; `sasae.css` has their partners for dark screens under the same names. */
const TONES = {
  shelter: '#115a36',
  food: '#71c598',
  medical: '#0055ad',
  other: '#97a1ab',
  utilities: '#c74700',
  activity: '#6f23d0',
  fee: '#d2a400',
} as const satisfies Record<Category | 'activity' | 'fee', string>;
export type ChartTone = keyof typeof TONES;

export interface Series {
  key: string;
  label: string;
  /** One amount in yen for each of the labels. */
  values: number[];
  tone: ChartTone;
}

interface ChartProps {
  t: T;
  title: string;
  /** What the chart shows, in one sentence; it stands above the chart and is read out instead of it. */
  sentence: string;
  /** Bottom first. Neighbours should differ in lightness, as `TONES` does in its order. */
  series: Series[];
  labels: string[];
  /** Where the same numbers are a table. */
  tableLink?: string;
}

const GRID = '#e3e5e0';
const TEXT = '#666666';
const GAP = '#ffffff';
// Every colour gets a class too, so that the style sheet can turn it for dark screens.
const CLASSES: Record<string, string> = {
  [GRID]: 'grid',
  [GAP]: 'gap',
  ...Object.fromEntries(Object.entries(TONES).map(([tone, colour]) => [colour, `tone-${tone}`])),
};

/**
 * Makes what echarts drew fit our pages: without styles (the content security policy refuses them; the sheet
 * sets the type instead) and with a class for each colour.
 */
function tidied(svg: string): string {
  return svg
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/ (style|class|ecmeta_\w+)="[^"]*"/g, '')
    .replace(/<(?:path|rect)[^>]*>/g, (shape) => {
      const colours = [...shape.matchAll(/(?:fill|stroke)="(#\w+)"/g)].map(([, colour]) => CLASSES[colour!]);
      const classes = colours.filter(Boolean).join(' ');
      return classes ? shape.replace(/^<\w+/, `$& class="${classes}"`) : shape;
    });
}

const sumOf = (series: Series[], index: number): number =>
  series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0);

interface Drawing extends Pick<ChartProps, 't' | 'series' | 'labels'> {
  width: number;
  height: number;
}

function draw({ t, series, labels, width, height }: Drawing): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  const axis = (yen: number): string =>
    yen === 0 ? '0' : t('common:chart.axis', { yen: number(yen), man: number(yen / 10_000) });
  const text = { color: TEXT, fontSize: 13 };
  const highest = Math.max(0, ...labels.map((_, index) => sumOf(series, index)));
  const least = (highest * 4) / height;
  chart.setOption({
    animation: false,
    grid: { left: 4, right: 4, top: 12, bottom: 4, outerBoundsMode: 'same' },
    xAxis: {
      type: 'category',
      data: labels,
      axisLabel: { ...text, hideOverlap: true },
      axisLine: { lineStyle: { color: GRID } },
      axisTick: { show: false },
    },
    yAxis: {
      type: 'value',
      splitNumber: 3,
      // The highest bar ends the axis, without a line and label of its own.
      max: 'dataMax',
      axisLabel: { ...text, formatter: axis, showMaxLabel: false },
      splitLine: { showMaxLine: false, lineStyle: { color: GRID } },
    },
    series: series.map(({ tone, values }) => ({
      type: 'bar',
      stack: 'all',
      silent: true,
      barWidth: '66%',
      itemStyle: { color: TONES[tone], borderColor: GAP },
      // A thin gap keeps the parts apart also in grey; it would hide a very small one. Nothing stands for nothing.
      data: values.map((value) =>
        value === 0 ? '-' : { value, itemStyle: { borderWidth: value < least ? 0 : 1 } },
      ),
    })),
  });
  const svg = tidied(chart.renderToSVGString());
  chart.dispose();
  return svg;
}

// Two drawings, because type that shrinks with the picture cannot be read on a phone; the sheet shows one.
const SIZES = [
  { name: 'for-desk', width: 1080, height: 300 },
  { name: 'for-phone', width: 340, height: 260 },
];

/** Amounts by month or another row of labels, stacked. Put it in a card; the caller has a table beside it. */
export const StackedBars = ({ t, title, sentence, series, labels, tableLink }: ChartProps) => (
  <figure class="chart">
    <figcaption>
      <h2>{title}</h2>
      <p class="help">
        {sentence}
        {tableLink && (
          <>
            {t('common:part.gap')}
            <a href={tableLink}>{t('common:chart.table')}</a>
          </>
        )}
      </p>
    </figcaption>
    <div role="img" aria-label={sentence}>
      {SIZES.map(({ name, width, height }) => (
        <div
          key={name}
          class={name}
          dangerouslySetInnerHTML={{ __html: draw({ t, series, labels, width, height }) }}
        />
      ))}
    </div>
    <p class="key">
      {t('common:chart.key')}
      {series.map(({ key, label, tone }) => (
        <span key={key}>
          <svg class="swatch" aria-hidden="true" focusable="false">
            <rect class={`tone-${tone}`} fill={TONES[tone]} width="100%" height="100%" />
          </svg>
          {label}
        </span>
      ))}
    </p>
  </figure>
);

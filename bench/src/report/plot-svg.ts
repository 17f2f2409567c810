import { CustomChart, type CustomSeriesOption, LineChart, type LineSeriesOption } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { MergedLine, MergedPlot } from './merged-plots.ts';
import { readable } from './readable.ts';

use([CustomChart, LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

const WIDTH = 720;
/** The height without the legend. */
const HEIGHT = 410;

/** The legend wraps: this number of names fits into one row. */
const NAMES_IN_A_ROW = 3;
const ROW_HEIGHT = 22;

/** The colours of Okabe and Ito, which readers with colour blindness can distinguish. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];

const HALF_CAP = 4;

/** Draws a plot as an SVG file: lines through the medians, and bars from the lowest to the highest value. */
export function plotSvg({ title, x, y, logarithmic, lines }: MergedPlot): string {
	const legendHeight = ROW_HEIGHT * Math.ceil(lines.length / NAMES_IN_A_ROW);
	const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT + legendHeight });
	const drawn = lines.map((line) => (logarithmic === 'both' ? positive(line) : line));
	const axis = (name: string, isLogarithmic: boolean) => ({
		type: isLogarithmic ? ('log' as const) : ('value' as const),
		...{ name, nameLocation: 'middle' as const, nameGap: 34, axisLine: { show: true } },
		axisLabel: { formatter: (value: number) => tick(value) },
	});
	try {
		chart.setOption({
			animation: false,
			backgroundColor: '#ffffff',
			textStyle: { fontFamily: 'sans-serif' },
			title: { text: title, left: 'center', top: 8, textStyle: { fontSize: 15, fontWeight: 'bold' } },
			legend: { bottom: 6, data: drawn.map(({ name }) => name) },
			grid: { left: 84, right: 36, top: 48, bottom: 64 + legendHeight },
			// Each variable is a number of things.
			xAxis: { ...axis(x, logarithmic !== 'none'), minInterval: 1 },
			yAxis: { ...axis(y, logarithmic === 'both'), nameGap: 58 },
			series: drawn.flatMap((line, index) => {
				const colour = COLOURS[index % COLOURS.length] ?? '#000000';
				// Beyond the colours, dashes distinguish the lines.
				const dashes = index < COLOURS.length ? 'solid' : 'dashed';
				return [{ ...medians(line), color: colour, lineStyle: { type: dashes } }, bars(line, colour)];
			}),
		});
		return chart.renderToSVGString();
	} finally {
		chart.dispose();
	}
}

/** A logarithmic axis has no place for zero. */
function positive({ name, points }: MergedLine): MergedLine {
	return { name, points: points.filter(({ x, y }) => x > 0 && y.lowest > 0) };
}

function medians({ name, points }: MergedLine): LineSeriesOption {
	const data = points.map((point) => [point.x, point.y.median]);
	return { type: 'line', name, data, symbol: 'circle', symbolSize: 7 };
}

/** The name is not that of the line, so that the legend has the line alone. */
function bars({ name, points }: MergedLine, colour: string): CustomSeriesOption {
	return {
		...{ type: 'custom', name: `${name}: lowest to highest`, silent: true },
		data: points.filter(({ y }) => y.runs > 1).map((point) => [point.x, point.y.lowest, point.y.highest]),
		renderItem(_, api) {
			const at = (value: number) => api.coord([Number(api.value(0)), Number(api.value(value))]) as [number, number];
			const [[x, lowest], [, highest]] = [at(1), at(2)];
			const cap = (y: number) => ({ x1: x - HALF_CAP, y1: y, x2: x + HALF_CAP, y2: y });
			const shapes = [{ x1: x, y1: lowest, x2: x, y2: highest }, cap(lowest), cap(highest)];
			const style = { stroke: colour, lineWidth: 1.5 };
			return { type: 'group', children: shapes.map((shape) => ({ type: 'line', shape, style })) };
		},
	};
}

/** Formats a label of an axis: whole numbers without a fraction. */
function tick(value: number): string {
	return Number.isInteger(value) ? value.toLocaleString('en') : readable(value);
}

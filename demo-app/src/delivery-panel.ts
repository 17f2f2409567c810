import type { Video } from '@likewire/sdk';
import { elementOf } from './element-of.ts';
import { drawRateChart } from './rate-chart.ts';
import { createRateHistory, currentRate, median } from './rate-history.ts';
import { describeDelta, formatCount, sum } from './reaction-types.ts';

const LATENCIES_KEPT = 50;

/** Formats a latency. The clocks of gateway and browser differ, so it may be negative. */
function formatLatency(ms: number): string {
	return ms < 1 ? 'under 1 ms' : `${formatCount(Math.round(ms))} ms`;
}

/** Shows the last delivery with its latency, and a chart of the likes of the last minute. */
export function startDeliveryPanel(video: Video): void {
	const chart = elementOf('[data-chart]', HTMLCanvasElement);
	const rate = elementOf('[data-rate]', HTMLElement);
	const arrived = elementOf('[data-arrived]', HTMLElement);
	const shownOf = elementOf('[data-shown]', HTMLElement);
	const latency = elementOf('[data-latency]', HTMLElement);
	const middle = elementOf('[data-median]', HTMLElement);
	const history = createRateHistory();
	const latencies: number[] = [];
	let frame = 0;

	function draw(): void {
		frame = 0;
		const rates = history.at(Date.now());
		drawRateChart(chart, rates);
		const current = currentRate(rates);
		rate.textContent = formatCount(current < 10 ? Math.round(current * 10) / 10 : Math.round(current));
	}

	function requestDraw(): void {
		if (frame === 0) frame = requestAnimationFrame(draw);
	}

	video.on('likes', ({ delta, shown, of, at }) => {
		const now = Date.now();
		// A snapshot is not a delivery of new likes.
		if (Object.keys(delta).length === 0) return;
		history.add(Math.max(0, sum(delta)), now);
		latencies.push(now - at);
		if (latencies.length > LATENCIES_KEPT) latencies.shift();
		arrived.textContent = describeDelta(delta);
		shownOf.textContent = `${formatCount(shown)} of ${formatCount(of)}`;
		latency.textContent = formatLatency(now - at);
		middle.textContent = formatLatency(median(latencies) ?? 0);
		requestDraw();
	});
	new ResizeObserver(requestDraw).observe(chart);
	matchMedia('(prefers-color-scheme: dark)').addEventListener('change', requestDraw);
	setInterval(requestDraw, 1000);
}

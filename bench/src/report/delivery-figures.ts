import type { Histogram } from '../measure/histogram.ts';
import type { Figure } from '../scenario.ts';

/** The measured delivery of likes to viewers. */
export interface Deliveries {
	/** Delivered likes, counted once for every viewer. */
	readonly deliveries: number;
	readonly frames: number;
	/** The time of load. */
	readonly seconds: number;
	/** From accepting a like to receiving it, in milliseconds. */
	readonly latency: Histogram;
	/** From sending a like to its answer, in milliseconds. */
	readonly answer: Histogram;
}

/** Returns the figures of the delivery of likes. */
export function deliveryFigures({ deliveries, frames, seconds, latency, answer }: Deliveries): Figure[] {
	return [
		{ label: 'like deliveries', value: deliveries / seconds, unit: '/s' },
		{ label: 'frames', value: frames / seconds, unit: '/s' },
		{ label: 'accept → receive P50', value: latency.percentile(0.5), unit: 'ms' },
		{
			label: 'accept → receive P90',
			value: latency.percentile(0.9),
			unit: 'ms',
			target: { bound: 'under', value: 75 },
		},
		{ label: 'accept → receive P99', value: latency.percentile(0.99), unit: 'ms' },
		{ label: 'POST → 201 P50', value: answer.percentile(0.5), unit: 'ms' },
		{ label: 'POST → 201 P99', value: answer.percentile(0.99), unit: 'ms' },
	];
}

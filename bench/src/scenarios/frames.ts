import { plainSendRate } from '../plain-send.ts';
import { LIKES_PER_SECOND, saturateFrames, WINDOW_MS } from '../saturated-frames.ts';
import type { Scenario } from '../scenario.ts';

export const frames: Scenario = {
	name: 'frames',
	about: 'the most frames a second: one pass over all viewers follows another without a pause',
	seconds: 10,

	async run(options) {
		const { rate, bytesPerFrame, cores, clientCores, latency, elapsedSeconds, check } = await saturateFrames(options);
		options.progress('the same with a C program that only sends');
		const floor = await plainSendRate(options.client, options.viewers, bytesPerFrame);
		return {
			figures: [
				{ label: 'frames', value: rate, unit: '/s' },
				{
					label: 'frames for a second of the main thread',
					value: rate / (cores?.mainThread ?? 1),
					unit: '/s',
					target: { bound: 'at least', value: 200_000 },
				},
				{ label: 'gateway, main thread', value: cores?.mainThread ?? Number.NaN, unit: 'cores' },
				{ label: 'gateway, all threads', value: cores?.process ?? Number.NaN, unit: 'cores' },
				{ label: 'bytes of a frame', value: bytesPerFrame, unit: 'B' },
				{ label: 'client', value: clientCores, unit: 'cores' },
				{ label: 'accept → receive P90', value: latency.percentile(0.9), unit: 'ms' },
				{
					label: 'send() of the same bytes in C alone',
					value: floor?.perCpuSecond ?? Number.NaN,
					unit: '/s',
					isFloor: true,
				},
			],
			checks: [check],
			details: {
				windowMs: WINDOW_MS,
				likesPerSecond: LIKES_PER_SECOND,
				elapsedSeconds,
				latency: latency.summary(),
				bytesPerFrame,
			},
		};
	},
};

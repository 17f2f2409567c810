import { type Client, createClient, type Video } from '@likewire/sdk';
import { createHearts } from '@likewire/sdk/hearts';
import { createAnnouncer } from './announcer.ts';
import { showState } from './connection-state.ts';
import { onDoubleTap } from './double-tap.ts';
import { elementOf } from './element-of.ts';
import { playLive } from './live-clip.ts';
import { createReactionBar } from './reaction-bar.ts';
import { describeTotals, formatCount, sum } from './reaction-types.ts';
import { createRollingNumber } from './rolling-number.ts';
import { findViewer, type Viewer } from './viewer.ts';

/** A player that runs. */
export interface Player {
	readonly live: Client;
	readonly video: Video;
	readonly viewer: Viewer;
}

/** The whole of a player, on the elements that the page and the embed have both. */
export function startPlayer(videoId: string, onRefused: (error: unknown) => void = () => undefined): Player {
	const stage = elementOf('[data-stage]', HTMLElement);
	const state = elementOf('[data-state]', HTMLElement);
	const announce = createAnnouncer(elementOf('[data-announcer]', HTMLElement));
	const total = createRollingNumber();
	elementOf('[data-total]', HTMLElement).prepend(total.element);
	playLive(elementOf('[data-clip]', HTMLVideoElement), stage);

	const hearts = createHearts(elementOf('[data-hearts]', HTMLCanvasElement), { origin: { x: 0.9, y: 1 } });
	const viewer = findViewer(location.hash);
	const { user, token } = viewer;
	const live = createClient({ url: location.origin, ...(token === undefined ? { user } : { token }) });
	const video = live.video(videoId);

	/** One's own tap floats at once, whether the gateway is there or not: the SDK keeps the like until it is. */
	function react(type: string, from?: { x: number; y: number }): void {
		if (video.ended) return;
		hearts.burst({ type, own: true, ...(from && { from }) });
		video.like(type).catch(onRefused);
	}

	const bar = createReactionBar(elementOf('[data-reactions]', HTMLElement), (type) => react(type));
	onDoubleTap(stage, (place) => react('heart', place));

	function showTotals(totals: Readonly<Record<string, number>>): void {
		bar.setTotals(totals);
		total.set(sum(totals));
		announce(describeTotals(totals));
	}

	video.on('likes', ({ delta, own }) => {
		// One's own likes come back with everybody's, and have floated already.
		for (const [type, count] of Object.entries(delta)) hearts.burst({ type, count: count - (own[type] ?? 0) });
	});
	video.on('totals', showTotals);
	const watching = elementOf('[data-viewers]', HTMLElement);
	video.on('viewers', ({ count }) => {
		watching.textContent = formatCount(count);
		watching.parentElement?.removeAttribute('hidden');
	});
	video.on('ended', () => {
		const badge = elementOf('[data-badge]', HTMLElement);
		badge.classList.add('over');
		badge.textContent = 'Ended';
		bar.close();
	});
	live.on('state', (next) => showState(state, next));
	showState(state, live.state);
	showTotals(video.totals);
	return { live, video, viewer };
}

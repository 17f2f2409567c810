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

/** A running player. */
export interface Player {
	readonly live: Client;
	readonly video: Video;
	readonly viewer: Viewer;
}

/** Starts the player on the elements of the page. */
export function startPlayer(videoId: string, onRefused: (error: unknown) => void): Player {
	const stage = elementOf('[data-stage]', HTMLElement);
	const state = elementOf('[data-state]', HTMLElement);
	const { announce, announceNow } = createAnnouncer(elementOf('[data-announcer]', HTMLElement));
	const total = createRollingNumber();
	elementOf('[data-total]', HTMLElement).prepend(total.element);
	const clip = playLive(
		elementOf('[data-clip]', HTMLVideoElement),
		stage,
		elementOf('[data-pause]', HTMLButtonElement),
	);

	const hearts = createHearts(elementOf('[data-hearts]', HTMLCanvasElement), { origin: { x: 0.9, y: 1 } });
	const viewer = findViewer(location.hash);
	const { user, token } = viewer;
	const live = createClient({ url: location.origin, ...(token === undefined ? { user } : { token }) });
	const video = live.video(videoId);

	/** Shows the tap at once, also without a connection: the SDK keeps the like until the gateway accepts it. */
	function react(type: string, from?: { x: number; y: number }): void {
		if (video.ended) return;
		hearts.burst({ type, own: true, ...(from && { from }) });
		video.like(type, { position: clip.position() }).catch(onRefused);
	}

	const bar = createReactionBar(elementOf('[data-reactions]', HTMLElement), (type) => react(type));
	onDoubleTap(stage, (place) => react('heart', place));

	function showTotals(totals: Readonly<Record<string, number>>): void {
		bar.setTotals(totals);
		total.set(sum(totals));
		announce(describeTotals(totals));
	}

	video.on('likes', ({ delta, own }) => {
		// The delta includes the likes of this viewer, which have already floated.
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
		announceNow('The video has ended.');
		bar.close();
	});
	live.on('state', (next) => showState(state, next));
	showState(state, live.state);
	showTotals(video.totals);
	return { live, video, viewer };
}

import type Hls from 'hls.js';
import { backoffCeilingMs } from '../../backoff.ts';
import { LikewireError } from '../../errors.ts';
import { type Span, wholeSpan } from '../pace/program-time.ts';

/** Whether an address is that of an HLS stream. */
const HLS = /\.m3u8($|[?#])/i;

/** The growth of waits before a stream is loaded again, up to 8 s: viewers wait for the start of a program. */
const MOST_DOUBLINGS = 4;

/** Plays an address in a video element. `stop` ends it and drops what it loaded. */
export interface Playback {
	/** Returns the times of the program that an HLS stream names; empty when it names none, or before it has loaded. */
	spans(): readonly Span[];
	/** Returns whether it is all there, from start to end: a file, or an HLS stream whose program is over. */
	isRecording(): boolean;
	stop(): void;
}

/** Safari's name for the time of the program at second 0; an invalid date without one. */
type DatedVideo = HTMLVideoElement & { getStartDate?(): Date };

function spansOfHls(hls: Hls | undefined): readonly Span[] {
	const fragments = hls?.latestLevelDetails?.fragments ?? [];
	return fragments.flatMap(({ start, duration, programDateTime }) =>
		programDateTime === null ? [] : [{ time: start, duration, position: programDateTime }],
	);
}

function spansOfVideo(video: DatedVideo): readonly Span[] {
	const start = video.getStartDate?.().getTime() ?? Number.NaN;
	return Number.isNaN(start) ? [] : wholeSpan(start);
}

/**
 * Plays a file or an HLS stream.
 * hls.js plays HLS wherever a page can feed a video itself: only it knows the time of the program in all browsers, and
 * Chromium says that it may play HLS where it cannot. Other browsers, which are those of iPhones, play it natively.
 *
 * A stream that is missing, since its program has not begun, or that broke off, is loaded again after growing waits.
 */
export function play(video: HTMLVideoElement, src: string, onError: (error: LikewireError) => void): Playback {
	const isHls = HLS.test(src);
	const canFeed = 'MediaSource' in globalThis || 'ManagedMediaSource' in globalThis;
	let hls: Hls | undefined;
	let isStopped = false;
	let failures = 0;
	let retry: ReturnType<typeof setTimeout> | undefined;

	function retryLater(load: () => void): void {
		clearTimeout(retry);
		retry = setTimeout(load, Math.random() * backoffCeilingMs(Math.min(failures++, MOST_DOUBLINGS)));
	}

	function failed(why: string): void {
		onError(new LikewireError('network', `The stream ${src} does not play: ${why}.`));
	}

	async function playHls(): Promise<void> {
		const { default: Hls } = await import('hls.js');
		if (isStopped) return;
		// A worker of a blob would need `worker-src blob:` in the policy of the page.
		const made = new Hls({ enableWorker: false });
		hls = made;
		made.on(Hls.Events.FRAG_LOADED, () => {
			failures = 0;
		});
		made.on(Hls.Events.ERROR, (_, { fatal, type, details }) => {
			if (!fatal) return;
			// Without a list, hls.js has nothing to go on with.
			if (type === Hls.ErrorTypes.MEDIA_ERROR) made.recoverMediaError();
			else retryLater(() => (made.levels.length === 0 ? made.loadSource(src) : made.startLoad()));
			failed(details);
		});
		made.loadSource(src);
		made.attachMedia(video);
	}

	function onVideoError(): void {
		if (!isHls) return;
		retryLater(() => video.load());
		failed(video.error?.message || 'the browser cannot load it');
	}

	function onVideoData(): void {
		failures = 0;
	}

	if (isHls && canFeed) {
		playHls().catch((cause) => onError(new LikewireError('network', 'The player of HLS did not load.', { cause })));
	} else {
		video.addEventListener('error', onVideoError);
		video.addEventListener('loadeddata', onVideoData);
		video.src = src;
	}

	return {
		spans: () => (isHls && canFeed ? spansOfHls(hls) : spansOfVideo(video)),
		// hls.js gives a live stream the length of what it has so far.
		isRecording: () =>
			Number.isFinite(video.duration) && (!isHls || !canFeed || hls?.latestLevelDetails?.live === false),
		stop() {
			isStopped = true;
			clearTimeout(retry);
			hls?.destroy();
			video.removeEventListener('error', onVideoError);
			video.removeEventListener('loadeddata', onVideoData);
			video.removeAttribute('src');
			// Without it the video goes on loading.
			video.load();
		},
	};
}

import { LikewireError } from '../../errors.ts';

/** Whether an address is that of an HLS stream. */
const HLS = /\.m3u8($|[?#])/i;

/** Plays an address in a video element. `stop` ends it and drops what it loaded. */
export interface Playback {
	stop(): void;
}

/**
 * Plays a file or an HLS stream.
 * hls.js plays HLS wherever a page can feed a video itself: only it knows the time of the program in all browsers, and
 * Chromium says that it may play HLS where it cannot. Other browsers, which are those of iPhones, play it natively.
 */
export function play(video: HTMLVideoElement, src: string, onError: (error: LikewireError) => void): Playback {
	const canFeed = 'MediaSource' in globalThis || 'ManagedMediaSource' in globalThis;
	let stopHls: (() => void) | undefined;
	let isStopped = false;

	async function playHls(): Promise<void> {
		const { default: Hls } = await import('hls.js');
		if (isStopped) return;
		// A worker of a blob would need `worker-src blob:` in the policy of the page.
		const hls = new Hls({ enableWorker: false });
		stopHls = () => hls.destroy();
		hls.on(Hls.Events.ERROR, (_, { fatal, type, details }) => {
			if (!fatal) return;
			if (type === Hls.ErrorTypes.NETWORK_ERROR) hls.startLoad();
			else if (type === Hls.ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
			onError(new LikewireError('network', `The stream ${src} does not play: ${details}.`));
		});
		hls.loadSource(src);
		hls.attachMedia(video);
	}

	if (HLS.test(src) && canFeed) {
		playHls().catch((cause) => onError(new LikewireError('network', 'The player of HLS did not load.', { cause })));
	} else video.src = src;

	return {
		stop() {
			isStopped = true;
			stopHls?.();
			video.removeAttribute('src');
			// Without it the video goes on loading.
			video.load();
		},
	};
}

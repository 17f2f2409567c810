import type { ByeEvent, HelloEvent, LikesEvent, Totals } from '@likewire/protocol';
import { until } from '../../local-cluster/until.ts';
import { ViewerStream } from '../drill/viewers/viewer-stream.ts';

/** A stream without the SDK that records its events. A violation of the protocol fails the next wait. */
export class PlainStream {
	readonly likes: LikesEvent[] = [];
	hello: HelloEvent | undefined;
	bye: ByeEvent | undefined;
	/** Whether it ended, broke, or did not open. */
	down = false;
	readonly #violations: string[] = [];
	readonly #stream: ViewerStream;

	private constructor(url: string, videos: readonly string[]) {
		this.#stream = new ViewerStream(url, videos, {
			onHello: (hello) => {
				this.hello = hello;
			},
			onBye: (bye) => {
				this.bye = bye;
			},
			onLikes: (event) => this.likes.push(event),
			onLogEvent: () => undefined,
			onBytes: () => undefined,
			onDown: () => {
				this.down = true;
			},
			onViolation: (what) => this.#violations.push(what),
		});
	}

	/** Opens a stream, and resolves after its `hello`. */
	static async open(url: string, ...videos: string[]): Promise<PlainStream> {
		const stream = new PlainStream(url, videos);
		await stream.until(() => stream.hello !== undefined, 'a hello');
		return stream;
	}

	/** Returns the received totals of a video; undefined before the snapshot. */
	totals(video: string): Totals | undefined {
		return this.#stream.totals(video);
	}

	async until(condition: () => boolean, what: string): Promise<void> {
		const look = () => {
			if (this.#violations.length > 0) throw new Error(this.#violations.join('\n'));
			return condition();
		};
		await until(look, { what, intervalMs: 5 });
	}

	/** Resolves when the totals of a video have this number of hearts. */
	async holds(video: string, hearts: number): Promise<void> {
		await this.until(() => (this.totals(video)?.heart ?? -1) === hearts, `${hearts} hearts of ${video}`);
	}

	close(): void {
		this.#stream.close();
	}
}

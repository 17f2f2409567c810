import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { makeOwnedDirectory, removeOwnedDirectory } from '../../local-cluster/cleanup.ts';

/** Returns whether tests of live streams may be skipped: ffmpeg is not installed, and this is not CI. */
export function isFfmpegMissing(): boolean {
	return spawnSync('ffmpeg', ['-version']).status !== 0 && process.env.CI === undefined;
}

/** A live HLS stream: `live.m3u8` in a folder, with the time of the program in each segment, from its start on. */
export class LiveStream {
	readonly folder = makeOwnedDirectory();
	#process: ChildProcess | undefined;

	/** Starts to write the stream, in real time. */
	start(): void {
		const source = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=10'];
		const video = [
			'-c:v',
			'libx264',
			'-preset',
			'ultrafast',
			'-tune',
			'zerolatency',
			'-g',
			'10',
			'-pix_fmt',
			'yuv420p',
		];
		const hls = ['-f', 'hls', '-hls_time', '1', '-hls_list_size', '0', '-hls_flags', 'program_date_time+temp_file'];
		const output = join(this.folder, 'live.m3u8');
		this.#process = spawn('ffmpeg', ['-loglevel', 'error', ...source, ...video, ...hls, output], {
			stdio: ['ignore', 'ignore', 'inherit'],
		});
	}

	/** Ends the program: the stream becomes a recording of all of it. */
	end(): void {
		this.#process?.kill('SIGINT');
	}

	stop(): void {
		this.#process?.kill('SIGKILL');
		removeOwnedDirectory(this.folder);
	}
}

import { closeSync, fsyncSync, openSync, readSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const CHUNK_BYTES = 4 * 1024 * 1024;

/** Called with the number of processed bytes, and with the number of all bytes. */
export type OnProgress = (doneBytes: number, totalBytes: number) => void;

/** Copies a file into a new one that survives a power cut. Throws if the copy exists. */
export function copyDurably(from: string, to: string, onProgress: OnProgress = () => undefined): void {
	const totalBytes = statSync(from).size;
	const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
	const source = openSync(from, 'r');
	try {
		const copy = openSync(to, 'wx');
		try {
			let done = 0;
			for (let read = readSync(source, chunk); read > 0; read = readSync(source, chunk)) {
				for (let written = 0; written < read; ) written += writeSync(copy, chunk, written, read - written);
				done += read;
				onProgress(done, totalBytes);
			}
			fsyncSync(copy);
		} finally {
			closeSync(copy);
		}
	} finally {
		closeSync(source);
	}
}

/**
 * Renames a file within its directory and replaces a file of that name.
 *
 * The new name survives a power cut.
 */
export function renameDurably(from: string, to: string): void {
	renameSync(from, to);
	syncDirectory(dirname(to));
}

/** Flushes a file to the disk. */
export function syncFile(file: string): void {
	sync(file, 'r+');
}

/** Makes the current names in a directory survive a power cut. */
export function syncDirectory(directory: string): void {
	// Windows cannot open a directory, and writes names when they change.
	if (process.platform !== 'win32') sync(directory, 'r');
}

function sync(path: string, flags: 'r' | 'r+'): void {
	const opened = openSync(path, flags);
	try {
		fsyncSync(opened);
	} finally {
		closeSync(opened);
	}
}

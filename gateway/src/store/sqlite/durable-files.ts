import { closeSync, fsyncSync, openSync, readSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const CHUNK_BYTES = 4 * 1024 * 1024;

/** Called with how many bytes of how many are done. */
export type OnProgress = (doneBytes: number, totalBytes: number) => void;

/** Copies a file into a new one, which survives a power cut when this returns. Throws when the copy exists. */
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

/** Renames a file within its directory, replacing what has that name; the new name survives a power cut. */
export function renameDurably(from: string, to: string): void {
	renameSync(from, to);
	syncDirectory(dirname(to));
}

/** Writes what the system still holds of a file to the disk. */
export function syncFile(file: string): void {
	sync(file, 'r+');
}

/** Makes names that were given or taken in a directory survive a power cut. */
export function syncDirectory(directory: string): void {
	// Windows cannot open a directory, and writes names as they change.
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

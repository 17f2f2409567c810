import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Creates a directory, which the caller removes. */
export function makeDirectory(): string {
	return mkdtempSync(join(tmpdir(), 'likewire-test-'));
}

export function removeDirectory(directory: string): void {
	rmSync(directory, { recursive: true, force: true });
}

/** Creates a directory until the end of the test. */
export function testDirectory(): string {
	const directory = makeDirectory();
	onTestFinished(() => removeDirectory(directory));
	return directory;
}

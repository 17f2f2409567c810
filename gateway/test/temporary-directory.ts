import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new directory; who makes it removes it. */
export function makeDirectory(): string {
	return mkdtempSync(join(tmpdir(), 'likewire-test-'));
}

export function removeDirectory(directory: string): void {
	rmSync(directory, { recursive: true, force: true });
}

/** A new directory for the test that runs, removed when it is finished. */
export function testDirectory(): string {
	const directory = makeDirectory();
	onTestFinished(() => removeDirectory(directory));
	return directory;
}

import { existsSync } from 'node:fs';
import { run, say } from './tasks.mjs';

const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The file of a Chromium that can run the tests: one of this machine, Playwright's, or a fresh download. */
export async function findChromium() {
	// Only now: before the dependencies are installed there is no such package.
	const { chromium } = await import('@playwright/test');
	const own = chromium.executablePath();
	const found = [process.env.CHROMIUM_PATH, ...INSTALLED, own].find((file) => file && existsSync(file));
	if (found) return found;
	say('No Chromium here; downloading the one of Playwright …');
	if ((await run('playwright', ['install', 'chromium'])) === 0 && existsSync(own)) return own;
	say('There is no Chromium. Install one (on Debian: apt-get install chromium), or name its file in CHROMIUM_PATH.');
	return process.exit(1);
}

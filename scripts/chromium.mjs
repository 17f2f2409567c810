import { existsSync } from 'node:fs';
import { print, run } from './tasks.mjs';

const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Resolves with the file of a Chromium: an installed one, that of Playwright, or a new download. */
export async function findChromium() {
	// A late import, since the dependencies may just have been installed.
	const { chromium } = await import('@playwright/test');
	const own = chromium.executablePath();
	const found = [process.env.CHROMIUM_PATH, ...INSTALLED, own].find((file) => file && existsSync(file));
	if (found) return found;
	print('No Chromium is installed; downloading that of Playwright …');
	if ((await run('playwright', ['install', 'chromium'])) === 0 && existsSync(own)) return own;
	print('No Chromium found. Install one (on Debian: apt-get install chromium), or set CHROMIUM_PATH to its file.');
	return process.exit(1);
}

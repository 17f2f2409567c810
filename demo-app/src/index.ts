import { startComments } from './comments/comments-panel.ts';
import { startCopyButtons } from './copy-button.ts';
import { startDeliveryPanel } from './delivery-panel.ts';
import { elementOf } from './element-of.ts';
import { startPlayer } from './player.ts';
import { offerReplay } from './replay.ts';
import { startSnippetForm } from './snippet-form.ts';

const notice = elementOf('[data-notice]', HTMLElement);

function showNotice(text: string): void {
	notice.textContent = text;
	notice.hidden = false;
}

function fillIn(videoId: string): void {
	const viewer = `/?video=${encodeURIComponent(videoId)}`;
	for (const link of document.querySelectorAll<HTMLAnchorElement>('a[data-another-viewer]')) link.href = viewer;
	elementOf('[data-origin]', HTMLElement).textContent = `'${location.origin}'`;
	elementOf('[data-video]', HTMLElement).textContent = `'${videoId}'`;
	elementOf('[data-shell-code]', HTMLElement).textContent =
		`curl ${location.origin}/v1/videos/${encodeURIComponent(videoId)}/likes \\\n  -H 'content-type: application/json' \\\n  -d '{ "type": "clap" }'`;
}

const videoId = new URLSearchParams(location.search).get('video') || 'demo';
startCopyButtons();
fillIn(videoId);
startSnippetForm(videoId);
try {
	const { live, video, viewer } = startPlayer(videoId, () =>
		showNotice('The gateway refused this tap, so it does not count.'),
	);
	startComments(live, video, viewer);
	startDeliveryPanel(video);
	offerReplay(video, viewer);
} catch (error) {
	showNotice(`This video cannot be followed: ${error instanceof Error ? error.message : String(error)}`);
}

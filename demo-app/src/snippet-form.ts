import { elementOf } from './element-of.ts';
import { type EmbedOptions, embedAddress, frameSnippet, tagSnippet } from './embed-snippets.ts';

/** Shows the snippet of a tag or of a frame for the options of a form, which starts with the clip of the demo. */
export function startSnippetForm(video: string): void {
	const form = elementOf('[data-embed-form]', HTMLFormElement);
	const clip = elementOf('[data-clip]', HTMLVideoElement);
	const field = (name: string) => elementOf(`[data-embed-form] [name="${name}"]`, HTMLInputElement);
	const source = clip.querySelector('source')?.getAttribute('src') ?? '';
	field('src').value = new URL(source, location.origin).href;
	field('poster').value = clip.poster;

	function options(): EmbedOptions {
		const isOn = (name: string) => field(name).checked;
		return {
			video,
			src: field('src').value.trim(),
			poster: field('poster').value.trim(),
			autoplay: isOn('autoplay'),
			muted: isOn('muted'),
			loop: isOn('loop'),
			comments: isOn('comments'),
		};
	}

	function show(): void {
		const chosen = options();
		const isFrame = new FormData(form).get('kind') === 'frame';
		const snippet = isFrame ? frameSnippet(location.origin, chosen) : tagSnippet(location.origin, chosen);
		elementOf('[data-embed-code]', HTMLElement).textContent = snippet;
		elementOf('a[data-embed-link]', HTMLAnchorElement).href = embedAddress(location.origin, chosen);
	}

	form.addEventListener('input', show);
	form.addEventListener('submit', (event) => event.preventDefault());
	show();
}

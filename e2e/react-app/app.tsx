import {
	LikewireProvider,
	useComments,
	useConnectionState,
	useLiveVideo,
	usePresence,
	useReactions,
	useTyping,
	useVideoEvent,
	useViewers,
} from '@likewire/sdk/react';
import { type ReactElement, StrictMode, useState } from 'react';

/** The number of renders by component, and the received likes. */
export const renders: Record<string, number> = {};
export const likes: number[] = [];

/** The storage of the client of the provider. */
export const kept = new Map<string, string>();

const storage = {
	getAllKeys: () => [...kept.keys()],
	getItem: (key: string) => kept.get(key) ?? null,
	setItem: async (key: string, value: string) => void kept.set(key, value),
	removeItem: async (key: string) => void kept.delete(key),
};

function count(name: string): void {
	renders[name] = (renders[name] ?? 0) + 1;
}

interface OfVideo {
	readonly video: string;
}

function Reactions({ video }: OfVideo): ReactElement {
	count('reactions');
	const { totals, like } = useReactions(video);
	return (
		<button id="like" type="button" onClick={() => like()}>
			{totals.heart ?? 0}
		</button>
	);
}

function Viewers({ video }: OfVideo): ReactElement {
	count('viewers');
	return <output id="viewers">{useViewers(video) ?? '?'}</output>;
}

function Whole({ video }: OfVideo): ReactElement {
	const { totals, viewers, ended } = useLiveVideo(video);
	useVideoEvent(video, 'likes', ({ delta }) => likes.push(delta.heart ?? 0));
	return <output id="whole">{`${totals.heart ?? 0} ${viewers ?? '?'} ${ended}`}</output>;
}

function Comments({ video }: OfVideo): ReactElement {
	count('comments');
	const { comments, send, retry, loadMore, hasMore } = useComments(video, { pageSize: 2 });
	const [text, setText] = useState('');
	return (
		<section>
			{comments.map((comment) => (
				<p key={comment.key} data-comment data-status={comment.status} data-key={comment.key}>
					{comment.text}
					{comment.error?.code}
					{comment.status === 'failed' && (
						<button type="button" onClick={() => retry(comment.id)}>
							Retry
						</button>
					)}
				</p>
			))}
			<input id="text" value={text} onChange={(event) => setText(event.target.value)} />
			<button id="send" type="button" onClick={() => send(text)}>
				Send
			</button>
			<button id="more" type="button" disabled={!hasMore} onClick={loadMore}>
				More
			</button>
		</section>
	);
}

function People(): ReactElement {
	count('people');
	// Each render passes a new array.
	const users = usePresence(['ann', 'bob']);
	const { users: typists, typing } = useTyping('c1');
	return (
		<button id="people" type="button" onClick={() => typing()}>
			{`${users.ann?.online ?? '?'} ${typists.length}`}
		</button>
	);
}

function State(): ReactElement {
	return <output id="state">{useConnectionState()}</output>;
}

/** Renders a page that uses every hook. */
export function App({ url, first, second }: { readonly url: string; readonly first: string; readonly second: string }) {
	const [video, setVideo] = useState(first);
	const [shown, setShown] = useState(true);
	return (
		<StrictMode>
			<button id="toggle" type="button" onClick={() => setShown(!shown)}>
				Toggle
			</button>
			<button id="other" type="button" onClick={() => setVideo(second)}>
				Other
			</button>
			{shown && (
				<LikewireProvider url={url} user="ann" storage={storage}>
					<Reactions video={video} />
					<Viewers video={video} />
					<Whole video={video} />
					<Comments video={video} />
					<People />
					<State />
				</LikewireProvider>
			)}
		</StrictMode>
	);
}

import { useReactions, useVideoEvent, useViewers } from '@likewire/sdk/react';
import { Hearts, type HeartsHandle } from '@likewire/sdk/react-native';
import { useRef } from 'react';
import { Pressable, StyleSheet, Text, View } from 'react-native';
import { Comments } from './Comments';

export function Stage({ video }: { video: string }) {
	const { totals, like } = useReactions(video);
	const viewers = useViewers(video);
	const hearts = useRef<HeartsHandle>(null);

	// Only the taps of other users: `tap` shows those of this user.
	useVideoEvent(video, 'likes', ({ delta, own }) => {
		for (const [type, count] of Object.entries(delta)) hearts.current?.burst({ type, count: count - (own[type] ?? 0) });
	});

	function tap() {
		hearts.current?.burst({ own: true });
		like('heart');
	}

	return (
		<View style={styles.stage}>
			<Text style={styles.text}>{viewers ?? 0} watching</Text>
			<Comments video={video} />
			<Pressable onPress={tap}>
				<Text style={styles.like}>❤ {totals.heart ?? 0}</Text>
			</Pressable>
			<Hearts ref={hearts} />
		</View>
	);
}

const styles = StyleSheet.create({
	stage: { flex: 1, padding: 16 },
	text: { color: '#fff' },
	like: { color: '#fff', fontSize: 24, textAlign: 'right' },
});

import { useComments, useTyping } from '@likewire/sdk/react';
import { useState } from 'react';
import { FlatList, StyleSheet, Text, TextInput, View } from 'react-native';

export function Comments({ video }: { video: string }) {
	const { comments, send, loadMore } = useComments(video);
	// The typing users are those of a conversation with the same name.
	const { users, typing } = useTyping(video);
	const [text, setText] = useState('');

	function change(value: string) {
		setText(value);
		typing(value !== '');
	}

	function submit() {
		if (text === '') return;
		send(text);
		change('');
	}

	return (
		<View style={styles.comments}>
			<FlatList
				inverted
				data={[...comments].reverse()}
				keyExtractor={({ key }) => key}
				onEndReached={loadMore}
				renderItem={({ item: { user, text, status } }) => (
					<Text style={[styles.text, status !== 'sent' && styles.pending]}>
						{user}: {text}
					</Text>
				)}
			/>
			<Text style={styles.pending}>{users.length > 0 ? `${users.join(', ')} …` : ' '}</Text>
			<TextInput
				style={styles.input}
				value={text}
				onChangeText={change}
				onSubmitEditing={submit}
				placeholder="Comment"
				maxLength={500}
			/>
		</View>
	);
}

const styles = StyleSheet.create({
	comments: { flex: 1 },
	text: { color: '#fff', paddingVertical: 2 },
	pending: { color: '#999' },
	input: { color: '#fff', borderColor: '#555', borderWidth: 1, borderRadius: 8, padding: 8, marginVertical: 8 },
});

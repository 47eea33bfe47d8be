// Two stock clients of each version talk over the server at URL (development mode): two_talk.mjs URL. Ends badly when they can not.
import { Crowd, versions } from './clients.mjs';

const [url] = process.argv.slice(2);
const crowd = new Crowd(url);
for (const version of versions) {
  const [ann, bob] = await Promise.all(['ann', 'bob'].map((user) => crowd.join({ user: `${user}-${version}`, version, way: 'upgrade' })));
  const sent = await ann.call('message.send', { to: bob.user, text: `hello from ${version}` });
  const heard = await bob.event('message.new', ({ id }) => id === sent.id);
  console.log(`${version}: ${heard.sender} says "${heard.text}", stored as ${heard.seq}`);
}
crowd.close();

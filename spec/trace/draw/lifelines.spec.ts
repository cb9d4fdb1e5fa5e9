import { expect } from 'chai';
import { laid } from './arbitrary-picture.js';
import { Conversation } from './conversation.js';

describe("a client's lifeline", () => {
  let talk: Conversation;

  beforeEach(() => {
    talk = new Conversation(['ada', 'bob']);
    talk.join('ada');
    talk.join('bob');
    talk.settle();
  });

  /** What is drawn of a lifeline from top to bottom: its pieces, and the bars and crosses that stand for no moment. */
  function drawn(name: string): string[] {
    const { picture, selected } = laid(talk.spaceTime(), Number.POSITIVE_INFINITY);
    const own = selected.spaceTime.lifelines.findIndex((lifeline) => lifeline.name === name);
    const [page] = picture.pages;
    const pieces =
      page?.lifelines.map(({ lifeline, state, y1 }) => ({ lifeline, what: state as string, y: y1 + 0.1 })) ?? [];
    const signs =
      page?.marks.flatMap(({ moment, lifeline, kind, y }) => (moment ? [] : { lifeline, what: kind as string, y })) ??
      [];
    const all = [...pieces, ...signs].filter(({ lifeline }) => lifeline === own);
    return all.sort((a, b) => a.y - b.y).map(({ what }) => what);
  }

  it('is dotted until the client is let in, and goes on to the end of who stays', () => {
    expect(drawn('ada')).to.deep.equal(['waiting', 'begin', 'present']);
  });

  it('ends with a bar at the own leaving', () => {
    talk.of('bob').leave();
    talk.settle();
    expect(drawn('bob')).to.deep.equal(['waiting', 'begin', 'present', 'end']);
  });

  it('has a gap from a lost connection to the asking that was welcomed', () => {
    talk.of('bob').cut();
    talk.say('ada', 'are you there?');
    talk.settle();
    talk.of('bob').back();
    talk.settle();
    expect(drawn('bob')).to.deep.equal(['waiting', 'begin', 'present', 'offline', 'present']);
  });

  it('ends with a cross where a killed client was heard of last, and not with the bar of who left', () => {
    talk.of('bob').client.kill();
    talk.giveUp();
    talk.of('bob').ended = 'gone';
    talk.settle();
    expect(drawn('bob')).to.deep.equal(['waiting', 'begin', 'present', 'lose-connection']);
  });

  it('has a cross and a gap from the last sign of a killed client to its coming back', () => {
    const { client } = talk.of('bob');
    talk.of('bob').keep();
    client.kill();
    talk.say('ada', 'are you there?');
    talk.settle();
    client.start();
    talk.of('bob').back();
    talk.settle();
    expect(drawn('bob')).to.deep.equal(['waiting', 'begin', 'present', 'lose-connection', 'offline', 'present']);
  });

  it('has no bar of leaving where a client joins anew after a lost connection, for nobody told it that it left', () => {
    talk.of('bob').cut();
    talk.giveUp();
    talk.of('bob').back();
    talk.settle();
    talk.join('bob');
    talk.settle();
    expect(drawn('bob')).to.deep.equal(['waiting', 'begin', 'present', 'offline', 'waiting', 'begin', 'present']);
  });

  it('comes back only where it was let in', () => {
    const told = (words: string) =>
      laid(talk.spaceTime()).picture.pages.flatMap(({ labels }) =>
        labels.filter(({ text }) => text === `bob: ${words}`),
      );
    talk.of('bob').cut();
    talk.of('bob').back();
    talk.of('bob').cut();
    talk.of('bob').back();
    talk.settle();
    expect(told('comes back')).to.have.length(1);
    expect(told('asks to come back')).to.have.length(1);
  });

  it('begins anew where somebody joins again', () => {
    talk.of('bob').leave();
    talk.settle();
    talk.join('bob');
    talk.settle();
    expect(drawn('bob')).to.deep.equal(['waiting', 'begin', 'present', 'end', 'waiting', 'begin', 'present']);
  });
});

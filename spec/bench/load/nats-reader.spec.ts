import { expect } from 'chai';
import { NatsReader } from './nats-reader.js';

describe('NatsReader', () => {
  const bytes = Buffer.from('INFO {}\r\nMSG room 1 4\r\nM\r\nx\r\nPING\r\nMSG room 1 12\r\ntwelve bytes\r\n', 'latin1');

  it('reads the same messages and lines however the bytes are cut', () => {
    for (let cut = 1; cut <= bytes.length; cut += 1) {
      const told: string[] = [];
      const reader = new NatsReader({
        message: (chunk, start, end) => told.push(`message ${chunk.toString('latin1', start, end)}`),
        line: (text) => told.push(text),
      });
      for (let at = 0; at < bytes.length; at += cut) reader.read(bytes.subarray(at, at + cut));
      expect(told).to.deep.equal(['INFO {}', 'message M\r\nx', 'PING', 'message twelve bytes']);
    }
  });
});

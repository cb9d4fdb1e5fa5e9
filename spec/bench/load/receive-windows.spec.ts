import { expect } from 'chai';
import { leastWindow, ReceiveWindows } from './receive-windows.js';

describe('the windows that the load counts', () => {
  it('find a server out that sends more than the connection allows', () => {
    const windows = new ReceiveWindows();
    windows.acknowledged(1_000_000);
    windows.open(1);
    windows.received(1, leastWindow);
    expect(() => windows.received(1, 1)).to.throw("1 bytes more than the connection's window");
  });

  it('find a server out that sends more than a stream allows, also before it knows of our settings', () => {
    const windows = new ReceiveWindows();
    windows.told(0, 1_000_000);
    windows.open(1);
    windows.received(1, leastWindow);
    expect(() => windows.received(1, 1)).to.throw('1 bytes more than the window of stream 1');
  });

  it('find a server out that sends on a stream that is over', () => {
    const windows = new ReceiveWindows();
    windows.open(1);
    windows.close(1);
    expect(() => windows.received(1, 1)).to.throw('stream 1, which is not open');
  });

  it('allow what was told, and what settings change for open streams too', () => {
    const windows = new ReceiveWindows();
    windows.open(1);
    windows.told(0, 100_000);
    windows.acknowledged(70_000);
    windows.received(1, 70_000);
    windows.told(1, 10);
    windows.received(1, 10);
    windows.acknowledged(70_005);
    windows.received(1, 5);
    expect(() => windows.received(1, 1)).to.throw('stream 1');
  });
});

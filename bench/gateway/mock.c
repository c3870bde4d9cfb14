// The upstream of the gateway benchmark: one thread, epoll, fixed answers in the two formats.
//
//   gcc -O2 -o mock mock.c && ./mock PORT [FIRST_MS [GAP_MS]]
//
// POST /v1/messages and POST /v1/chat/completions answer JSON, or a stream where the body has "stream":true: one send() and
// one HTTP chunk for each event. FIRST_MS passes before a stream's first event and GAP_MS between two; 0, the default, sends
// them as fast as the socket takes them. Everything else is 404. It never fails and is not a model.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define IN_MAX 65536
#define EVENTS_MAX 64
#define CONNECTIONS_MAX 65536

typedef struct connection {
    int fd, length, event, anthropic, streaming;
    long long due;
    struct connection *next;
    char in[IN_MAX];
} connection;

typedef struct { char *bytes[EVENTS_MAX]; int length[EVENTS_MAX]; int count; } script;
typedef struct { connection *first, *last; } queue;

static connection *connections[CONNECTIONS_MAX];
static script anthropic, openai;
static char message[2048], completion[2048], missing[256];
static long long first_ns, gap_ns;
static queue starting, running; // each in order of time due: all waits in one queue are equally long

static const char *stream_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-cache\r\nrequest-id: req_mock\r\nTransfer-Encoding: chunked\r\n\r\n";

static long long now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void add(script *s, const char *event) {
    char *bytes = malloc(strlen(event) + 32);
    s->length[s->count] = sprintf(bytes, "%zx\r\n%s\r\n", strlen(event), event);
    s->bytes[s->count++] = bytes;
}

static void answer(char *to, const char *header, const char *body) {
    sprintf(to, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n%s: req_mock\r\nContent-Length: %zu\r\n\r\n%s", header, strlen(body), body);
}

static void write_scripts(void) {
    const char *text = "Paris is the capital of France, and has been the centre of its politics and arts for many hundreds of years.";
    char body[1024];
    sprintf(body, "{\"id\":\"msg_mock\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-sonnet-4-5\",\"content\":[{\"type\":\"text\",\"text\":\"%s\"}],\"stop_reason\":\"end_turn\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":25,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"output_tokens\":50,\"service_tier\":\"standard\"}}", text);
    answer(message, "request-id", body);
    sprintf(body, "{\"id\":\"chatcmpl-mock\",\"object\":\"chat.completion\",\"created\":1760000000,\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"%s\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":25,\"completion_tokens\":50,\"total_tokens\":75}}", text);
    answer(completion, "x-request-id", body);
    strcpy(missing, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");

    add(&anthropic, "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_mock\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-sonnet-4-5\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":25,\"output_tokens\":1}}}\n\n");
    add(&anthropic, "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n");
    for (int i = 0; i < 50; i++) {
        sprintf(body, "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"token%02d \"}}\n\n", i);
        add(&anthropic, body);
        sprintf(body, "data: {\"id\":\"chatcmpl-mock\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"gpt-4o-mini\",\"system_fingerprint\":\"fp_mock\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"token%02d \"},\"logprobs\":null,\"finish_reason\":null}]}\n\n", i);
        add(&openai, body);
    }
    add(&anthropic, "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n");
    add(&anthropic, "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":50}}\n\n");
    add(&anthropic, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
    add(&openai, "data: {\"id\":\"chatcmpl-mock\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
    add(&openai, "data: {\"id\":\"chatcmpl-mock\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"gpt-4o-mini\",\"choices\":[],\"usage\":{\"prompt_tokens\":25,\"completion_tokens\":50,\"total_tokens\":75}}\n\n");
    add(&openai, "data: [DONE]\n\n");
}

static int send_all(int fd, const char *bytes, int length) {
    while (length > 0) {
        int sent = send(fd, bytes, length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) { usleep(50); continue; }
        if (sent < 0) { return -1; }
        bytes += sent;
        length -= sent;
    }
    return 0;
}

static void wait_in(queue *q, connection *c, long long ns) {
    c->due = now_ns() + ns;
    c->next = NULL;
    if (q->last) { q->last->next = c; } else { q->first = c; }
    q->last = c;
}

// Sends what is due of a stream; puts it back into a queue when there is more to come.
static int advance(connection *c) {
    script *s = c->anthropic ? &anthropic : &openai;
    do {
        if (send_all(c->fd, s->bytes[c->event], s->length[c->event]) < 0) { return -1; }
        c->event++;
    } while (gap_ns == 0 && c->event < s->count);
    if (c->event < s->count) { wait_in(&running, c, gap_ns); return 0; }
    c->streaming = 0;
    return send_all(c->fd, "0\r\n\r\n", 5);
}

static int serve(connection *c, int stream, int known) {
    if (!known) { return send_all(c->fd, missing, strlen(missing)); }
    if (!stream) { return c->anthropic ? send_all(c->fd, message, strlen(message)) : send_all(c->fd, completion, strlen(completion)); }
    if (send_all(c->fd, stream_head, strlen(stream_head)) < 0) { return -1; }
    c->event = 0;
    c->streaming = 1;
    if (first_ns == 0) { return advance(c); }
    wait_in(&starting, c, first_ns);
    return 0;
}

static int handle(connection *c) {
    while (c->length > 0 && !c->streaming) {
        char *end = memmem(c->in, c->length, "\r\n\r\n", 4);
        if (!end) { return 0; }
        int head = end - c->in + 4, total;
        *end = 0;
        char *length = strcasestr(c->in, "\r\ncontent-length:");
        int chunked = strcasestr(c->in, "\r\ntransfer-encoding: chunked") != NULL;
        c->anthropic = strncmp(c->in, "POST /v1/messages", 17) == 0;
        int known = c->anthropic || strncmp(c->in, "POST /v1/chat/completions", 25) == 0;
        *end = '\r';
        if (chunked) {
            char *last = memmem(c->in + head, c->length - head, "0\r\n\r\n", 5);
            if (!last) { return 0; }
            total = last - c->in + 5;
        } else {
            total = head + (length ? atoi(length + 17) : 0);
            if (c->length < total) { return 0; }
        }
        int stream = memmem(c->in + head, total - head, "\"stream\":true", 13) != NULL;
        if (serve(c, stream, known) < 0) { return -1; }
        memmove(c->in, c->in + total, c->length - total);
        c->length -= total;
    }
    return 0;
}

// A connection in a queue is only marked; the queue frees it.
static void drop(connection *c) {
    close(c->fd);
    connections[c->fd] = NULL;
    if (c->streaming) { c->fd = -1; } else { free(c); }
}

static void run_queue(queue *q) {
    long long now = now_ns();
    while (q->first && q->first->due <= now) {
        connection *c = q->first;
        q->first = c->next;
        if (!q->first) { q->last = NULL; }
        if (c->fd < 0) { free(c); continue; }
        if (advance(c) < 0 || (!c->streaming && handle(c) < 0)) { c->streaming = 0; drop(c); }
    }
}

static void take_connections(int listener, int poll) {
    int fd, one = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        if (fd >= CONNECTIONS_MAX) { close(fd); continue; }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        connections[fd] = calloc(1, sizeof(connection));
        connections[fd]->fd = fd;
        epoll_ctl(poll, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN, .data.fd = fd});
    }
}

int main(int count, char **args) {
    if (count < 2) { fprintf(stderr, "usage: mock PORT [FIRST_MS [GAP_MS]]\n"); return 2; }
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files = {CONNECTIONS_MAX, CONNECTIONS_MAX};
    setrlimit(RLIMIT_NOFILE, &files);
    first_ns = count > 2 ? atoll(args[2]) * 1000000LL : 0;
    gap_ns = count > 3 ? atoll(args[3]) * 1000000LL : 0;
    write_scripts();
    int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), poll = epoll_create1(0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(args[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (void *)&address, sizeof address) < 0 || listen(listener, 4096) < 0) { perror("mock"); return 1; }
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN, .data.fd = listener});
    struct epoll_event events[256];
    for (;;) {
        int n = epoll_wait(poll, events, 256, starting.first || running.first ? 1 : -1);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) { take_connections(listener, poll); continue; }
            connection *c = connections[fd];
            if (!c) { continue; }
            int got = recv(fd, c->in + c->length, IN_MAX - c->length, 0);
            if (got < 0 && errno == EAGAIN) { continue; }
            if (got <= 0) { drop(c); continue; }
            c->length += got;
            if (handle(c) < 0) { c->streaming = 0; drop(c); }
        }
        run_queue(&starting);
        run_queue(&running);
    }
}

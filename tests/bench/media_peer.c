/* The far ends of bench_media.py, as lean as they can be: compiled by the benchmark, so that what it measures
 * is the media process and not its own telephones.
 *
 *   media_peer telephones COUNT PAYLOADS KEY    talk, listen, press keys, and tell what was heard
 *   media_peer floor COUNT PAYLOADS KEY         the same packets in the place of the media process: the least
 *                                               that anything has to do for COUNT channels on this machine
 *
 * PAYLOADS holds payloads of 160 bytes, sent in turn; KEY the four-byte payloads of one key press. It prints a
 * line of its ports, then reads orders, a line each: "ports P..." (where to send), "measure", "key CHANNEL",
 * "stop". At the end it prints one line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SLOTS = 4, FRAME = 160, PACKET = 172, WATCHED = 50, MOST_STAMPS = 4096, MOST_AT_ONCE = 4 };

typedef struct {
    int socket;
    int key_step;      /* packets of the key sent so far, -1 when none is pressed */
    unsigned key_stamp;
    double pressed;    /* 0 when nobody waits for silence */
} Channel;

typedef struct {
    double at;
    unsigned stamp;
} Arrival;

static Channel *channels;
static int count;
static unsigned char *payloads, *key;
static size_t payload_count, key_count;
static Arrival (*arrivals)[MOST_STAMPS];
static int arrived[WATCHED];
static double *silenced;
static int silenced_count;
static long received;
static int measuring;

static double seconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static unsigned char *contents(const char *path, size_t unit, size_t *units) {
    FILE *file = fopen(path, "rb");
    if (!file) fail(path);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    unsigned char *data = malloc(size);
    if (!data || fread(data, 1, size, file) != (size_t)size) fail(path);
    fclose(file);
    *units = size / unit;
    return data;
}

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void open_channels(int stamped) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    channels = calloc(count, sizeof *channels);
    for (int n = 0; n < count; n++) {
        int sock = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), on = 1;
        struct sockaddr_in address = loopback(0);
        socklen_t size = sizeof address;
        if (sock < 0 || bind(sock, (struct sockaddr *)&address, size)) fail("socket");
        if (stamped) setsockopt(sock, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
        getsockname(sock, (struct sockaddr *)&address, &size);
        channels[n].socket = sock;
        channels[n].key_step = -1;
        printf("%d%c", ntohs(address.sin_port), n + 1 < count ? ' ' : '\n');
    }
    fflush(stdout);
}

static void connect_channels(char *ports) {
    for (int n = 0; n < count; n++) {
        struct sockaddr_in address = loopback(strtol(ports, &ports, 10));
        if (connect(channels[n].socket, (struct sockaddr *)&address, sizeof address)) fail("connect");
    }
}

static void send_one(Channel *channel, unsigned sequence) {
    unsigned char packet[PACKET];
    unsigned stamp = sequence * FRAME, type = 0;
    size_t size = FRAME;
    const unsigned char *payload = payloads + FRAME * (sequence % payload_count);
    if (channel->key_step >= 0) {
        if (channel->key_step == 0) {
            channel->pressed = seconds(CLOCK_REALTIME);
            channel->key_stamp = stamp;
            type = 0x80;
        }
        type |= 101;
        stamp = channel->key_stamp;
        payload = key + 4 * channel->key_step;
        size = 4;
        if (++channel->key_step == (int)key_count) channel->key_step = -1;
    }
    unsigned words[3] = {htonl(0x80000000u | type << 16 | (sequence & 0xFFFF)), htonl(stamp), htonl(9)};
    memcpy(packet, words, 12);
    memcpy(packet + 12, payload, size);
    send(channel->socket, packet, 12 + size, 0);
}

static int receive_stamped(Channel *channel, unsigned char *buffer, int *size, double *at) {
    char control[64];
    struct iovec part = {buffer, 2048};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = 64};
    *size = recvmsg(channel->socket, &message, 0);
    if (*size < 12) return 0;
    *at = 0;
    struct cmsghdr *extra = CMSG_FIRSTHDR(&message);
    if (extra && extra->cmsg_type == SO_TIMESTAMPNS) {
        struct timespec time;
        memcpy(&time, CMSG_DATA(extra), sizeof time);
        *at = time.tv_sec + time.tv_nsec / 1e9;
    }
    return 1;
}

static void receive_one(int n) {
    static unsigned char buffer[2048], silence[FRAME];
    Channel *channel = channels + n;
    if (silence[0] == 0) memset(silence, 0xFF, FRAME);
    for (int more = 0; more < MOST_AT_ONCE; more++) {
        int size;
        double at = 0;
        if ((n < WATCHED && measuring) || channel->pressed) {
            if (!receive_stamped(channel, buffer, &size, &at)) return;
        } else {
            size = recv(channel->socket, buffer, sizeof buffer, 0);
            if (size < 0) return;
            more = received % 64 ? MOST_AT_ONCE : more; /* look for a second one now and then */
        }
        received += measuring;
        if (n < WATCHED && measuring && at && arrived[n] < MOST_STAMPS) {
            unsigned stamp;
            memcpy(&stamp, buffer + 4, 4);
            arrivals[n][arrived[n]++] = (Arrival){at, ntohl(stamp)};
        }
        if (channel->pressed && at && size == PACKET && !memcmp(buffer + 12, silence, FRAME)) {
            silenced[silenced_count++] = at - channel->pressed;
            channel->pressed = 0;
        }
    }
}

static int ascending(const void *a, const void *b) {
    double one = *(const double *)a, other = *(const double *)b;
    return (one > other) - (one < other);
}

/* How far packets lay from where their stamps put them on their own channel's even line. */
static int pacing_errors(double *errors) {
    int all = 0;
    static double sorted[MOST_STAMPS];
    for (int n = 0; n < WATCHED && n < count; n++) {
        int many = arrived[n];
        if (many < 20) continue;
        for (int i = 0; i < many; i++) {
            arrivals[n][i].at -= (int)(arrivals[n][i].stamp - arrivals[n][0].stamp) / 8000.0;
            sorted[i] = arrivals[n][i].at;
        }
        qsort(sorted, many, sizeof *sorted, ascending);
        for (int i = 0; i < many; i++) {
            double error = arrivals[n][i].at - sorted[many / 2];
            errors[all++] = error < 0 ? -error : error;
        }
    }
    qsort(errors, all, sizeof *errors, ascending);
    return all;
}

static void report(double cpu, double elapsed) {
    double *errors = malloc(sizeof *errors * (WATCHED * MOST_STAMPS + 1));
    int all = pacing_errors(errors);
    printf("{\"cpu\": %.6f, \"elapsed\": %.6f, \"received\": %ld, ", cpu, elapsed, received);
    printf("\"p50\": %.6f, \"p99\": %.6f, \"worst\": %.6f, ", all ? errors[all / 2] : 0,
           all ? errors[(int)(all * 0.99)] : 0, all ? errors[all - 1] : 0);
    printf("\"silenced\": [");
    for (int n = 0; n < silenced_count; n++) printf("%s%.6f", n ? ", " : "", silenced[n]);
    printf("]}\n");
    fflush(stdout);
}

int main(int argc, char **argv) {
    if (argc != 5) return 2;
    count = atoi(argv[2]);
    payloads = contents(argv[3], FRAME, &payload_count);
    key = contents(argv[4], 4, &key_count);
    arrivals = calloc(WATCHED, sizeof *arrivals);
    silenced = calloc(count, sizeof *silenced);
    struct sched_param priority = {10};
    sched_setscheduler(0, SCHED_FIFO, &priority); /* real telephones do not wait for this machine's other work */
    open_channels(!strcmp(argv[1], "telephones"));
    size_t room = 8 * (size_t)count + 64, used = 0;
    char *orders = malloc(room);
    int running = 0, slot = 0;
    unsigned sequence = 0;
    double began = 0, cpu = 0, due = seconds(CLOCK_MONOTONIC);
    fcntl(0, F_SETFL, O_NONBLOCK);
    for (;;) {
        due += 0.02 / SLOTS;
        struct timespec until = {(time_t)due, (long)((due - (time_t)due) * 1e9)};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) continue;
        if (slot == 0) {
            ssize_t more = read(0, orders + used, room - used - 1);
            if (more == 0) return 1; /* the benchmark is gone */
            if (more > 0) used += more;
            orders[used] = 0;
            for (char *end; (end = strchr(orders, '\n')) != NULL;) {
                *end = 0;
                if (!strncmp(orders, "ports ", 6)) {
                    connect_channels(orders + 6);
                    running = 1;
                } else if (!strncmp(orders, "key ", 4)) {
                    channels[atoi(orders + 4)].key_step = 0;
                } else if (!strcmp(orders, "measure")) {
                    measuring = 1;
                    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
                    began = seconds(CLOCK_MONOTONIC);
                } else if (!strcmp(orders, "stop")) {
                    report(seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, seconds(CLOCK_MONOTONIC) - began);
                    return 0;
                }
                used -= end + 1 - orders;
                memmove(orders, end + 1, used + 1);
            }
        }
        for (int n = slot; running && n < count; n += SLOTS) {
            receive_one(n);
            send_one(channels + n, sequence);
        }
        slot = (slot + 1) % SLOTS;
        sequence += slot == 0;
    }
}

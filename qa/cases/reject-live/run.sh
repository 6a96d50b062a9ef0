#!/bin/sh
# A client and a server in two network namespaces; burrow beside the server.
# What the client is told goes to `told`, one line for each request.
cd "$OUTPUT_DIR" || exit 1
c=burrow-c-$$ s=burrow-s-$$
cleanup() {
    code=$?
    set +e
    kill $server $burrow 2>/dev/null
    wait
    ip netns del $c 2>/dev/null
    ip netns del $s 2>/dev/null
    exit $code
}
trap cleanup EXIT
set -e
ip netns add $c
ip netns add $s
ip link add v0 netns $c type veth peer name v1 netns $s
for end in "$c v0 1" "$s v1 2"; do
    set -- $end
    ip -n $1 link set lo up
    ip -n $1 addr add 10.77.0.$3/24 dev $2
    ip -n $1 addr add fd77::$3/64 dev $2 nodad
    ip -n $1 link set $2 up
done
ip netns exec $s python3 "$TEST_DIR/server.py" &
server=$!
ip netns exec $s "$BURROW" -i v1 -k none -l . -S "$TEST_DIR/all.rules" \
    -c "$TOPDIR/etc/burrow.yaml" 2>log &
burrow=$!
ask() {
    code=0
    ip netns exec $c curl -sg -o /dev/null -m 4 "$@" || code=$?
    echo "$1 $code" >> told
}
tries=0
until ip netns exec $c curl -sg -o /dev/null -m 1 http://10.77.0.2/ready &&
      grep -q '"ready"\|/ready' eve.json 2>/dev/null; do
    tries=$((tries + 1))
    test $tries -lt 20
    sleep 0.3
done
ask http://10.77.0.2/free
ask http://10.77.0.2/secret
ask "http://[fd77::2]/secret"
ask http://b.example/free -p -x 10.77.0.2:80
ask http://b.example/secret -p -x 10.77.0.2:80
ip netns exec $c python3 "$TEST_DIR/datagram.py" >> told
kill $burrow
wait $burrow
